/** 1,000 connections stop reading while 100,000 notifications are written for them: memory, and whether all arrive at last. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { inBatches, userName } from '../support/batches.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { bearer, Rest } from '../support/rest.ts';
import { SocketClient } from '../support/socket-client.ts';
import type { Row } from '../support/table.ts';

const READERS = 1_000;
const NOTES_EACH = 100;
const AT_ONCE = 50;
const PAGE_BYTES = 4_096;
const MIB = 1024 * 1024;
const DELIVERED_WITHIN_MS = 60_000;

export async function slowReaders(): Promise<Row[]> {
  const friday = await startFriday({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: String(READERS), FRIDAY_SLOW_READER_SECONDS: '600' });
  const rest = new Rest(friday.port, AT_ONCE);
  try {
    const tokens = await inBatches(READERS, AT_ONCE, (index) => rest.newUser(userName(index)));
    const clients = await inBatches(READERS, AT_ONCE, async (index) => {
      const client = new SocketClient({ port: friday.port, token: tokens[index] ?? '' });
      await client.live;
      return client;
    });
    await writeNotes(rest, tokens, 10);
    await until(clients, 10);
    const before = await memory(friday);
    for (const client of clients) client.pause();
    await writeNotes(rest, tokens, NOTES_EACH);
    await pause(1_000);
    const stopped = await memory(friday);
    const peak = await drainAll(friday, clients, 10 + NOTES_EACH);
    const after = await memory(friday);
    for (const client of clients) client.cut();
    return [
      { what: 'slow readers: resident memory before', value: before.resident / MIB, unit: 'MiB' },
      {
        what: 'slow readers: more resident memory while stopped',
        value: (stopped.resident - before.resident) / MIB,
        unit: 'MiB',
        target: 32,
      },
      {
        what: 'slow readers: more resident memory while draining',
        value: (peak - before.resident) / MIB,
        unit: 'MiB',
        target: 200,
      },
      { what: 'slow readers: more resident memory after', value: (after.resident - before.resident) / MIB, unit: 'MiB' },
      { what: "slow readers: the kernel's socket memory before", value: before.kernel / MIB, unit: 'MiB' },
      { what: "slow readers: the kernel's socket memory while stopped", value: stopped.kernel / MIB, unit: 'MiB', target: 300 },
      { what: "slow readers: the kernel's socket memory after", value: after.kernel / MIB, unit: 'MiB' },
      { what: 'slow readers: notifications missing at the end', value: missing(clients, 10 + NOTES_EACH), unit: '', target: 0 },
    ];
  } finally {
    rest.close();
    await friday.stop();
  }
}

async function writeNotes(rest: Rest, tokens: readonly string[], each: number): Promise<void> {
  const content = 'A note of a hundred characters or so, which is what people write down between two other things.';
  await inBatches(tokens.length * each, 200, (index) =>
    rest.post('/v1/notes', { content }, bearer(tokens[index % tokens.length] ?? '')),
  );
}

/** Has all read again. @returns the most resident memory seen meanwhile. */
async function drainAll(friday: Friday, clients: readonly SocketClient[], expected: number): Promise<number> {
  for (const client of clients) client.resume();
  const deadline = performance.now() + DELIVERED_WITHIN_MS;
  let peak = 0;
  while (missing(clients, expected) > 0 && performance.now() < deadline) {
    peak = Math.max(peak, await friday.residentBytes());
    await pause(20);
  }
  return Math.max(peak, await friday.residentBytes());
}

async function until(clients: readonly SocketClient[], expected: number): Promise<void> {
  const deadline = performance.now() + DELIVERED_WITHIN_MS;
  while (missing(clients, expected) > 0 && performance.now() < deadline) await pause(20);
}

function missing(clients: readonly SocketClient[], expected: number): number {
  return clients.reduce((sum, { notifications }) => sum + expected - notifications, 0);
}

async function memory(friday: Friday): Promise<{ resident: number; kernel: number }> {
  const sockets = await readFile('/proc/net/sockstat', 'utf8');
  return { resident: await friday.residentBytes(), kernel: Number(/TCP: .* mem (\d+)/.exec(sockets)?.[1]) * PAGE_BYTES };
}
