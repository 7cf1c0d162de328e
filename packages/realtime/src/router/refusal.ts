import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorBody, protocolError } from '@friday/protocol';
import type { RealtimeError } from '../domain/errors.ts';

/** A plain HTTP answer in place of an upgrade (P4). */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** How a fault is answered before the upgrade. */
export function refusal(fault: RealtimeError): HttpAnswer {
  const { httpStatus = 500 } = protocolError(fault.code);
  const body = JSON.stringify(errorBody(fault.code, fault.message));
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  if (httpStatus === 401) headers['www-authenticate'] = 'Bearer';
  if (httpStatus === 426) headers['upgrade'] = 'websocket';
  if (fault.code === 'bad_handshake') headers['sec-websocket-version'] = '13';
  if (fault.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(fault.retryAfterMs / 1000));
  return { status: httpStatus, headers, body };
}

/** Writes the answer to a socket that no HTTP response belongs to any more, and ends it. */
export function refuse(socket: Duplex, { status, headers, body }: HttpAnswer): void {
  const connection = headers['upgrade'] === undefined ? 'close' : 'close, upgrade';
  const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
