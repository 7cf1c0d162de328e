/** Requests and upgrades from an address of the test's choice: all of 127.0.0.0/8 is this machine. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '@friday/protocol';
import { WebSocket } from 'ws';

export interface Caller {
  /** The address from which the client comes; any unless given. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What follows the path. */
  readonly query?: string;
}

/** An answer in plain HTTP. */
export interface Refusal {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly code: unknown;
}

/** Tries to open a WebSocket. @returns it once it is open, or the answer in its place. */
export function knock(url: string, { from, headers = {}, query = '' }: Caller = {}): Promise<WebSocket | Refusal> {
  const options = { headers, ...(from !== undefined && { localAddress: from, family: 4 }) };
  const socket = new WebSocket(url.replace('http', 'ws') + WEBSOCKET_PATH + query, [SUBPROTOCOL], options);
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_request, response) => readRefusal(response).then(resolve, reject));
    socket.on('error', reject);
  });
}

/** Tries to open a WebSocket that is to be refused. @throws Error when it opens. */
export async function refusedAt(url: string, caller: Caller = {}): Promise<Refusal> {
  const answer = await knock(url, caller);
  if (!(answer instanceof WebSocket)) return answer;
  answer.terminate();
  throw new Error('It was let in.');
}

/** Posts JSON. A server may answer, and end the connection, before it has read all; what then cannot be sent is no fault. */
export function postFrom(url: string, body: object, { from, headers = {} }: Caller = {}): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(from !== undefined && { localAddress: from, family: 4 }),
    });
    sent.on('response', (response) => readRefusal(response).then(resolve, reject));
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

async function readRefusal(response: IncomingMessage): Promise<Refusal> {
  const body: { error?: { code?: unknown } | null } = JSON.parse(await text(response));
  return { status: response.statusCode, headers: response.headers, code: body.error?.code };
}
