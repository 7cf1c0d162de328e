/** From the writer's send to the frame at another socket of that user: 1,000 connections of 1,000 users, 200 writes/s over all. */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { inBatches, userName } from '../support/batches.ts';
import { startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { bearer, Rest } from '../support/rest.ts';
import type { Row } from '../support/table.ts';

const USERS = 1_000;
const WRITES_PER_SECOND = 200;
const SECONDS = 15;
const WARM_UP_SECONDS = 3;
const AT_ONCE = 50;

interface Listener {
  readonly token: string;
  readonly socket: WebSocket;
}

export async function commitToSocket(): Promise<Row[]> {
  const friday = await startFriday({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: String(USERS) });
  const rest = new Rest(friday.port, AT_ONCE);
  try {
    const tokens = await inBatches(USERS, AT_ONCE, (index) => rest.newUser(userName(index)));
    const before = await friday.residentBytes();
    const sentAt = new Map<string, number>();
    const latencies: number[] = [];
    const listeners = await inBatches(USERS, AT_ONCE, (index) => listen(friday.port, tokens[index] ?? '', sentAt, latencies));
    await pause(1_000);
    const perConnection = ((await friday.residentBytes()) - before) / USERS;
    await write(rest, listeners, sentAt, WARM_UP_SECONDS);
    latencies.length = 0;
    const written = await write(rest, listeners, sentAt, SECONDS);
    for (const { socket } of listeners) socket.terminate();
    if (latencies.length !== written) throw new Error(`${written} writes, but ${latencies.length} frames.`);
    return [
      { what: 'commit → socket, 1,000 users, 200 writes/s: p50', value: percentile(latencies, 0.5), unit: 'ms', target: 1.5 },
      { what: 'commit → socket, 1,000 users, 200 writes/s: p99', value: percentile(latencies, 0.99), unit: 'ms', target: 8 },
      { what: 'commit → socket: slowest', value: Math.max(...latencies), unit: 'ms' },
      { what: 'resident memory a connection, of 1,000', value: perConnection / 1024, unit: 'KiB', target: 8 },
    ];
  } finally {
    rest.close();
    await friday.stop();
  }
}

async function listen(port: number, token: string, sentAt: Map<string, number>, latencies: number[]): Promise<Listener> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, ['friday.v1', `bearer.${token}`], { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const now = performance.now();
      const message: { type: string; origin?: string } = JSON.parse(data.toString());
      if (message.type === 'live') resolve();
      const sent = sentAt.get(message.origin ?? '');
      if (sent === undefined) return;
      latencies.push(now - sent);
      sentAt.delete(message.origin ?? '');
    });
  });
  return { token, socket };
}

/** Writes at a fixed pace, whatever the answers do. @returns how many, once the last frame has had time to arrive. */
async function write(rest: Rest, listeners: readonly Listener[], sentAt: Map<string, number>, seconds: number): Promise<number> {
  const start = performance.now();
  const count = seconds * WRITES_PER_SECOND;
  const answers: Promise<unknown>[] = [];
  while (answers.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - start) / 1000) * WRITES_PER_SECOND));
    while (answers.length < due) {
      const writer = listeners[Math.floor(Math.random() * listeners.length)];
      const id = `${Math.round(start)}-${answers.length}`;
      sentAt.set(id, performance.now());
      answers.push(rest.post('/v1/notes', { content: `Note ${id}` }, { ...bearer(writer?.token ?? ''), 'friday-client-id': id }));
    }
    await pause(1);
  }
  await Promise.all(answers);
  await pause(500);
  return count;
}
