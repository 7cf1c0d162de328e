import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '@friday/realtime';
import { ERRORS } from '../../domain/errors.ts';
import { endWithError } from './client-errors.ts';

/** Refused connections of all addresses that may be open to read why; a further one is closed without an answer. */
const MAX_REFUSALS = 200;

const RETRY_AFTER = 'Retry-After: 5';

/**
 * Bounds how many connections one address (IPv6: one /64) may hold open, of whatever kind: those that only wait, and those kept alive
 * after a request, are seen by no other limit. One too many is answered `too_many_connections` before it has asked, and ended.
 * To be called when all others listen for connections: it stands before them.
 */
export function limitSockets(server: Server, perAddress: number): void {
  const limit = new SocketLimit(perAddress);
  // What is refused must not reach the HTTP parser: it would answer too.
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!limit.admit(socket)) return;
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  });
}

class SocketLimit {
  readonly #perAddress: number;
  readonly #open = new Map<string, number>();
  #refusals = 0;

  constructor(perAddress: number) {
    this.#perAddress = perAddress;
  }

  /** Counts a connection until it closes, or ends it. @returns whether it may be served. */
  admit(socket: Socket): boolean {
    const key = addressKey(socket.remoteAddress ?? '');
    const count = (this.#open.get(key) ?? 0) + 1;
    if (count > this.#perAddress) {
      this.#refuse(socket);
      return false;
    }
    this.#open.set(key, count);
    socket.once('close', () => this.#leave(key));
    return true;
  }

  #leave(key: string): void {
    const left = (this.#open.get(key) ?? 0) - 1;
    if (left > 0) this.#open.set(key, left);
    else this.#open.delete(key);
  }

  #refuse(socket: Socket): void {
    // A reset is one of the ends that a refusal has; there is nobody to tell of it.
    socket.on('error', () => socket.destroy());
    if (this.#refusals >= MAX_REFUSALS) {
      socket.destroy();
      return;
    }
    this.#refusals += 1;
    socket.once('close', () => {
      this.#refusals -= 1;
    });
    // Read and thrown away: closing over unread bytes would reset the connection, and the answer may be lost.
    socket.resume();
    endWithError(socket, ERRORS.too_many_connections, [RETRY_AFTER]);
  }
}
