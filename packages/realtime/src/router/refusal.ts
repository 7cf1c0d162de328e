import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorBody, protocolError } from '@friday/protocol';
import type { RealtimeError } from '../domain/errors.ts';

/** `Retry-After` of a fault that names no time of its own. */
const RETRY_AFTER_MS = 5_000;

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
  if (httpStatus === 426) Object.assign(headers, { upgrade: 'websocket', connection: 'upgrade' });
  if (fault.code === 'bad_handshake') headers['sec-websocket-version'] = '13';
  const retryAfterMs = fault.retryAfterMs ?? (httpStatus === 429 || httpStatus === 503 ? RETRY_AFTER_MS : undefined);
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  return { status: httpStatus, headers, body };
}

/** How long a refused peer may take to read its answer and close, in milliseconds. */
const LINGER_MS = 1_000;

/**
 * Writes the answer to a socket that no HTTP response belongs to any more, and ends it. What still comes is thrown away: a socket that
 * is closed over unread bytes is reset, and the answer may be lost. A peer that keeps its own half open is not waited for.
 */
export function refuse(socket: Duplex, { status, headers, body }: HttpAnswer): void {
  const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
