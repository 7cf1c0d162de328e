/** Which requests are upgrades of ours, and whether they are well-formed. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { WEBSOCKET_PATH } from '@friday/protocol';
import { RealtimeError } from '../domain/errors.ts';

/** Whether a request asks for a WebSocket where we speak it. */
export function asksForUpgrade({ url, method, headers }: IncomingMessage): boolean {
  return url?.split('?', 1)[0] === WEBSOCKET_PATH && method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Checks the form of an upgrade request, as far as `ws` does not: RFC 6455, section 4.2.1. One with a body is refused because the bytes
 * that follow are frames to one reader and a body, with perhaps another request behind it, to the other.
 * @throws RealtimeError `bad_handshake`.
 */
export function checkUpgrade(request: IncomingMessage): void {
  const { headers, rawHeaders, httpVersionMajor, httpVersionMinor } = request;
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (!asksForUpgrade(request)) throw fault(`WebSocket is spoken at ${WEBSOCKET_PATH} only.`);
  if (httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor < 1)) throw fault('HTTP/1.1 is needed.');
  if (hosts !== 1) throw fault('The host must be named, once.');
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)
    throw fault('It must have no body.');
  if (headers['sec-websocket-version'] !== '13') throw fault('Version 13 is needed (RFC 6455).');
}

function fault(message: string): RealtimeError {
  return new RealtimeError('bad_handshake', message);
}

/** Which connections of a server still owe the answer to an earlier request. */
export class OwedAnswers {
  /** The last request's. Answers leave in order, so where it is finished all are. */
  readonly #last = new WeakMap<object, ServerResponse>();

  watch(server: Server): void {
    server.prependListener('request', ({ socket }, response) => this.#last.set(socket, response));
  }

  /** Whether an answer to this request would overtake another one's. */
  isBehind({ socket }: IncomingMessage): boolean {
    const last = this.#last.get(socket);
    return last !== undefined && !last.writableFinished;
  }

  /** Forgets a connection that speaks HTTP no more. */
  forget({ socket }: IncomingMessage): void {
    this.#last.delete(socket);
  }
}
