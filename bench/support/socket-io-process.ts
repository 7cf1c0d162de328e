/** Socket.IO 4 as fast as its settings make it, in a process of its own: it emits what its parent orders. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { now, stamp } from '../load/clock.ts';

/** What the parent may order: messages to all, as fast as the loop turns, or at a pace. */
export interface EmitOrder {
  readonly forMs: number;
  /** Absent: the next follows the last in the next turn of the event loop, whatever the sockets have taken. */
  readonly perSecond?: number;
}

/** What the process tells: its port when it listens; how many it emitted when an order is done. */
export type EmitReport = { readonly port: number } | { readonly emitted: number };

/** As Friday's. Node's own would turn some away when thousands connect at once. */
const BACKLOG = 4_096;

function main(): void {
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
  });
  // Its documentation advises so: the first request of each connection would stay in memory.
  io.engine.on('connection', (socket: { request: unknown }) => {
    socket.request = null;
  });
  http.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
    process.send?.({ port: (http.address() as AddressInfo).port } satisfies EmitReport);
  });
  process.on('message', (order: EmitOrder) => {
    void emit(io, order).then((emitted) => process.send?.({ emitted } satisfies EmitReport));
  });
  process.on('disconnect', () => process.exit(0));
}

async function emit(io: Server, { forMs, perSecond }: EmitOrder): Promise<number> {
  const start = now();
  let emitted = 0;
  while (now() - start < forMs) {
    if (perSecond !== undefined && now() < start + (emitted * 1000) / perSecond) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    io.emit('n', notification(++emitted));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return emitted;
}

/** As long as one of Friday's for a new note, and with the same fields. */
function notification(seq: number): object {
  return {
    type: 'note.created',
    resource: { kind: 'note', id: seq, version: 1, href: `/v1/notes/${seq}` },
    origin: stamp(),
    channel: 'user',
    seq,
    cursor: `user.${seq}.Jw3kX9aQ`,
    time: new Date().toISOString(),
  };
}

if (import.meta.main) main();
