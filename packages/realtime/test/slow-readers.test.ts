/** Peers that read slowly or not at all, on real sockets: rule P22 and invariant I5. */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connect, connectLive } from './support/client.ts';
import { PING } from './support/frames.ts';
import { ManualClock } from './support/manual-clock.ts';
import { connectRaw, type RawClient } from './support/raw-client.ts';
import { startHost, type TestHost } from './support/test-host.ts';
import { event } from './support/test-log.ts';
import { tokenOf } from './support/tokens.ts';
import { until } from './support/until.ts';

const TOKEN = tokenOf('ann');
const WINDOW = 64 * 1024;
/** Characters of padding in each notification. */
const FILL = 15_000;

/** The server's end of a client's connection. */
function serverSide({ sockets }: TestHost, client: RawClient): Socket {
  const found = [...sockets].find(({ remotePort }) => remotePort === client.socket.localPort);
  if (!found) throw new Error('The server has no such connection.');
  return found;
}

async function connectAndStop(host: TestHost): Promise<RawClient> {
  const client = await connectRaw(host, TOKEN);
  await until('live', () => client.messages.length === 2);
  client.socket.pause();
  return client;
}

/** Announces, and waits until a peer that reads has all of it. */
async function announce(host: TestHost, count: number): Promise<void> {
  const reader = await connectLive(host, { token: TOKEN });
  for (let first = 1; first <= count; first += 10) {
    await host.notify('ann', ...Array.from({ length: 10 }, (_, index) => event(first + index, FILL)));
  }
  await reader.notifications(count);
  await reader.close();
}

function numbers(client: RawClient): unknown[] {
  return client.messages.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
}

test('[P22][I5] a stopped reader has one window in flight and nothing in memory; when it reads again, it gets all', async () => {
  const host = await startHost({ settings: { windowBytes: WINDOW } });
  const client = await connectAndStop(host);
  const before = serverSide(host, client).bytesWritten;
  await announce(host, 200);
  const socket = serverSide(host, client);
  expect(socket.bytesWritten - before).toBeGreaterThan(WINDOW / 2);
  expect(socket.bytesWritten - before).toBeLessThan(WINDOW + 1_024);
  expect(socket.writableLength).toBe(0);
  client.socket.resume();
  await until('all notifications', () => numbers(client).length === 200);
  expect(numbers(client)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  expect(client.frames.filter(({ opcode }) => opcode === PING).length).toBeGreaterThan((200 * FILL) / WINDOW - 1);
});

test('[I5] with a window larger than what the kernel takes, little waits in the process', async () => {
  const host = await startHost({ settings: { windowBytes: 16 * 1024 * 1024 } });
  const client = await connectAndStop(host);
  await announce(host, 900);
  const { bytesWritten, writableLength } = serverSide(host, client);
  expect(bytesWritten).toBeLessThan(900 * FILL);
  expect(writableLength).toBeLessThan(2 * 1024 * 1024);
  client.socket.resume();
  await until('all notifications', () => numbers(client).length === 900);
  expect(numbers(client)).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
});

test('[P22] who does not read for 60 s is closed with 4103, and resumes where it was', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock, settings: { windowBytes: WINDOW } });
  const client = await connectAndStop(host);
  await announce(host, 20);
  clock.advance(59_000);
  expect(host.logger.of('connection closed').filter(({ fields }) => fields['reason'] === 'too_slow')).toHaveLength(0);
  clock.advance(1_250);
  client.answersPings = false;
  client.socket.resume();
  expect(await client.closeCode()).toBe(4103);
  expect(client.messages.at(-1)).toMatchObject({ type: 'reconnect' });
  const seen = numbers(client);
  const last = client.messages.findLast(({ seq }) => seq !== undefined);
  const again = await connect(host, { token: TOKEN, query: `cursor=${last?.['cursor']}` });
  await again.expect('connected');
  const missed = await again.notifications(20 - seen.length);
  expect([...seen, ...missed.map(({ seq }) => seq)]).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test('[P22] who answers no ping for two intervals is closed with 4202', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock });
  const client = await connectRaw(host, TOKEN);
  client.answersPings = false;
  await until('live', () => client.messages.length === 2);
  clock.advance(25_000);
  await until('the heartbeat', () => client.messages.length === 3);
  clock.advance(50_250);
  expect(await client.closeCode()).toBe(4202);
  expect(client.messages.map(({ type }) => type).slice(2)).toEqual(['heartbeat', 'heartbeat', 'reconnect']);
});

test('[P22] a slow reader that goes on reading keeps its connection', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock, settings: { windowBytes: WINDOW } });
  const client = await connectAndStop(host);
  await announce(host, 40);
  while (numbers(client).length < 40) {
    const had = client.frames.length;
    clock.advance(30_000);
    client.socket.resume();
    await until('a little more', () => client.frames.length > had);
    client.socket.pause();
  }
  client.socket.resume();
  expect(host.logger.of('connection closed').filter(({ fields }) => fields['reason'] !== 'peer')).toEqual([]);
});
