import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorBody } from '@friday/protocol';
import type { FastifyServerOptions } from 'fastify';
import { ERRORS, type ErrorEntry } from '../../domain/errors.ts';

/** How long a peer may take to read its answer and close, in milliseconds. */
const LINGER_MS = 1_000;
const answered = new WeakSet<Socket>();

/** Answers what is no HTTP, or too slow, or too long in its headers, before there is a request: same body as every fault. */
export const answerClientError: NonNullable<FastifyServerOptions['clientErrorHandler']> = (error, socket) => {
  // The rest of what was answered: closing now, over unread bytes, would reset the connection, and the answer may be lost.
  if (answered.has(socket)) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  answered.add(socket);
  endWithError(socket, entryOf(error.code));
};

function entryOf(code: string): ErrorEntry {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ERRORS.request_timeout;
  return code === 'HPE_HEADER_OVERFLOW' ? ERRORS.headers_too_large : ERRORS.bad_request;
}

/**
 * Answers a connection that has no request, and ends it; for a peer that keeps its own half open, a second later.
 * @param headers more lines of the answer's head, without line ends.
 */
export function endWithError(socket: Socket, { status, code, message }: ErrorEntry, headers: readonly string[] = []): void {
  const body = JSON.stringify(errorBody(code, message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...headers,
  ];
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
