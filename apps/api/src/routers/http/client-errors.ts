import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorBody } from '@friday/protocol';
import type { FastifyServerOptions } from 'fastify';
import { ERRORS, type ErrorEntry } from '../../domain/errors.ts';

/** Answers what is no HTTP, or too slow, or too long in its headers, before there is a request: same body as every fault. */
export const answerClientError: NonNullable<FastifyServerOptions['clientErrorHandler']> = (error, socket) => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  endWith(socket, entryOf(error.code));
};

function entryOf(code: string): ErrorEntry {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ERRORS.request_timeout;
  return code === 'HPE_HEADER_OVERFLOW' ? ERRORS.headers_too_large : ERRORS.bad_request;
}

function endWith(socket: Socket, { status, code, message }: ErrorEntry): void {
  const body = JSON.stringify(errorBody(code, message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
