import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fifo } from '../domain/fifo.ts';

/** New connections that are read though they have said nothing yet. */
const MAX_SILENT = 16;
/** Milliseconds after which one that says nothing stands in nobody's way any more. */
const PATIENCE_MS = 10;

type ConnectionListener = (this: Server, socket: Socket) => void;

/** One who is read and has not spoken. */
interface Silent {
  /** Monotonic milliseconds since when. */
  readonly since: number;
  readonly onClose: () => void;
}

/**
 * Lets new connections be heard a few at a time. Node reads all sockets with something to read in one turn of the event loop: when
 * thousands connect and then speak at once, as after a network cut, everybody who is already served would wait for all of their
 * requests to be read. So of those who have not spoken only a few are read, and the others stay paused: with what they say waiting in
 * the kernel, each turn reads some. A peer that says nothing counts for a moment only, and one that ends no longer than that, so that
 * silence cannot block the door. The kernel's own means, TCP_DEFER_ACCEPT (tcp(7)), is not within Node's reach.
 *
 * The end of a connection that waits is not seen before its turn. So whoever bounds connections should count them as they come: by a
 * listener that is added later, and wraps this one.
 */
export class Arrivals {
  /** Those who wait. */
  readonly #paused = new Fifo<Socket>();
  /** Those who are read and have not spoken, oldest first. */
  readonly #silent = new Map<Duplex, Silent>();
  readonly #server: Server;
  readonly #listeners: readonly ConnectionListener[];
  #turn: NodeJS.Immediate | undefined;
  #patience: NodeJS.Timeout | undefined;

  /** @param server whose other listeners for connections are in place: from now on they are told of each in its turn. */
  constructor(server: Server) {
    this.#server = server;
    this.#listeners = server.listeners('connection') as ConnectionListener[];
    server.removeAllListeners('connection');
    // An option of net.Server that http.Server does not hand on.
    Object.assign(server, { pauseOnConnect: true });
    server.on('connection', (socket) => {
      this.#paused.push(socket);
      if (this.#turn === undefined && this.#patience === undefined) this.#hear();
    });
    server.prependListener('request', ({ socket }) => this.heard(socket));
  }

  /** Takes note that a connection has spoken, or is gone: another may be heard, in the next turn. */
  heard(socket: Duplex): void {
    if (this.#forget(socket) && this.#paused.size > 0) this.#turn ??= setImmediate(() => this.#hear());
  }

  #hear(): void {
    clearTimeout(this.#patience);
    this.#turn = undefined;
    this.#patience = undefined;
    const now = performance.now();
    for (const [socket, { since }] of this.#silent) {
      if (since > now - PATIENCE_MS) break;
      this.#forget(socket);
    }
    // A server that closes waits for all: for those whom it does not know of yet, too, and it could not end them.
    const all = !this.#server.listening;
    while (this.#paused.size > 0 && (all || this.#silent.size < MAX_SILENT)) {
      const next = this.#paused.shift();
      if (next && !next.destroyed) this.#letIn(next, now);
    }
    if (this.#paused.size > 0) this.#patience = setTimeout(() => this.#hear(), PATIENCE_MS);
  }

  #letIn(socket: Socket, now: number): void {
    const onClose = () => this.heard(socket);
    socket.once('close', onClose);
    this.#silent.set(socket, { since: now, onClose });
    for (const listener of this.#listeners) listener.call(this.#server, socket);
    socket.resume();
  }

  /** @returns whether it was among the silent. */
  #forget(socket: Duplex): boolean {
    const silent = this.#silent.get(socket);
    if (!silent) return false;
    socket.off('close', silent.onClose);
    return this.#silent.delete(socket);
  }
}
