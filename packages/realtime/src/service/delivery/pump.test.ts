import { expect, test } from 'vitest';
import { PING, PONG, TEXT } from '../../../test/support/frames.ts';
import type { RecordingTransport } from '../../../test/support/recording-transport.ts';
import { event, events } from '../../../test/support/test-log.ts';
import { type Peer, startService, type TestService } from '../../../test/support/test-service.ts';
import { SWEEP_MS } from '../connections/sweep.ts';

/** Commits on this node, as a group commit does. */
async function commit(
  { database, service }: TestService,
  channel: string,
  ...messages: ReturnType<typeof events>
): Promise<void> {
  service.committed(await database.commit(channel, ...messages));
}

function numbers({ transport }: Peer, channel = 'user'): unknown[] {
  return transport.messages.filter((message) => message['channel'] === channel).map(({ seq }) => seq);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Answers the newest ping, as a peer does that has read up to it. */
function pong({ service }: TestService, { transport, connection }: Peer): void {
  const ping = transport.frames.findLast(({ opcode }) => opcode === PING);
  if (ping) service.onPong(connection, ping.payload);
}

function notificationBytes(transport: RecordingTransport): number {
  return transport.bursts.flat().reduce((sum, bytes) => sum + bytes.length, 0);
}

test('[P9][I3] each cursor moves by one, in each channel for itself', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  for (const round of range(1, 5)) {
    await commit(host, 'user:ann', ...events(round));
    await commit(host, 'broadcast', event(round));
    await host.settle();
  }
  expect(numbers(ann)).toEqual(range(1, 15));
  expect(numbers(ann, 'broadcast')).toEqual(range(1, 5));
});

test('[I6] what became ready in one turn goes out in one write', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  const before = ann.transport.bursts.length;
  await commit(host, 'user:ann', event(1), event(2));
  await commit(host, 'broadcast', event(3));
  await commit(host, 'user:ann', event(4));
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2, 3]);
  expect(numbers(ann, 'broadcast')).toEqual([1]);
  expect(ann.transport.bursts.length).toBe(before + 1);
});

test('[I6] connections at the same cursor are written the very same bytes', async () => {
  const host = startService();
  const peers = [await host.connect('ann'), await host.connect('ann'), await host.connect('bob')];
  await commit(host, 'broadcast', ...events(10));
  await host.settle();
  const [first, second, third] = peers.map(({ transport }) => transport.bursts.at(-1)?.[0]);
  expect(first).toBeInstanceOf(Buffer);
  expect(second).toBe(first);
  expect(third).toBe(first);
});

test('[I6] a turn lasts a few milliseconds, then others have theirs', async () => {
  const host = startService();
  const peers = await Promise.all(range(1, 60).map((user) => host.connect(`${user}`)));
  const served = () => peers.filter((peer) => numbers(peer, 'broadcast').length === 1).length;
  await commit(host, 'broadcast', event(1));
  host.clock.costOfLook = 1;
  host.clock.turn();
  expect(served()).toBeGreaterThan(0);
  expect(served()).toBeLessThan(10);
  host.clock.settle();
  expect(served()).toBe(60);
});

test('[I6] the further delivery lags, the longer its turns: writers cannot outrun it', async () => {
  const host = startService();
  const peers = await Promise.all(range(1, 200).map((user) => host.connect(`${user}`)));
  const served = () => peers.filter((peer) => numbers(peer, 'broadcast').length === 1).length;
  await commit(host, 'broadcast', event(1));
  host.clock.stall(1_000);
  host.clock.costOfLook = 1;
  host.clock.turn();
  expect(served()).toBeGreaterThan(10);
  expect(served()).toBeLessThan(50);
  host.clock.settle();
  expect(served()).toBe(200);
});

test('[I6] a backlog that was hastened goes on in one turn at a time', async () => {
  const host = startService();
  const peers = await Promise.all(range(1, 200).map((user) => host.connect(`${user}`)));
  const served = () => peers.filter((peer) => numbers(peer, 'broadcast').length === 1).length;
  const hastened: Array<() => void> = [];
  host.clock.soon = (run) => void hastened.push(run);
  await commit(host, 'broadcast', event(1));
  host.clock.costOfLook = 0.2;
  for (const run of hastened) run();
  const first = served();
  expect(first).toBeGreaterThan(4);
  host.clock.turn();
  host.clock.turn();
  // Each turn is as long as all before it, once those took more than the least.
  expect(served()).toBeLessThanOrEqual(5 * first);
  host.clock.settle();
  expect(served()).toBe(200);
});

test('notifications that come while a pass is under way are delivered too', async () => {
  const host = startService();
  const peers = await Promise.all(range(1, 30).map((user) => host.connect(`${user}`)));
  host.clock.costOfLook = 1;
  await commit(host, 'broadcast', event(1));
  host.clock.turn();
  await commit(host, 'broadcast', event(2));
  host.clock.settle();
  for (const peer of peers) expect(numbers(peer, 'broadcast')).toEqual([1, 2]);
});

test('[I5] a peer that does not read gets nothing more, and all of it in order once it does', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  ann.transport.writable = false;
  const before = ann.transport.bursts.length;
  for (const number of range(1, 20)) {
    await commit(host, 'user:ann', event(number));
    await host.settle();
  }
  expect(ann.transport.bursts.length).toBe(before);
  ann.transport.writable = true;
  host.service.onDrain(ann.connection);
  await host.settle();
  expect(numbers(ann)).toEqual(range(1, 20));
});

test('[I5] writing stops where the transport is full, and goes on from there', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  ann.transport.room = 1;
  await commit(host, 'user:ann', ...events(300));
  await host.settle();
  expect(numbers(ann)).toEqual(range(1, 128));
  ann.transport.room = Number.POSITIVE_INFINITY;
  ann.transport.writable = true;
  host.service.onDrain(ann.connection);
  await host.settle();
  expect(numbers(ann)).toEqual(range(1, 300));
});

test('[P22] no more than a window is in flight; it ends with a ping, and the pong lets the next one go', async () => {
  const size = 64 * 1024;
  const host = startService({ settings: { windowBytes: size } });
  const ann = await host.connect('ann');
  await commit(host, 'user:ann', ...range(1, 100).map((number) => event(number, 4_000)));
  await host.settle();
  expect(notificationBytes(ann.transport)).toBeLessThan(size + 1_000);
  expect(ann.transport.frames.at(-1)?.opcode).toBe(PING);
  const first = numbers(ann).length;
  expect(first).toBeGreaterThan(10);
  host.clock.advance(10 * SWEEP_MS);
  await host.settle();
  expect(numbers(ann)).toHaveLength(first);
  for (const _round of range(1, 20)) {
    pong(host, ann);
    await host.settle();
  }
  expect(numbers(ann)).toEqual(range(1, 100));
});

test('[P7] what was missed comes from the log, in order, then live', async () => {
  const host = startService();
  await commit(host, 'user:ann', ...events(300));
  const { tag } = await host.database.log.locate('user:ann', 10);
  const ann = await host.connect('ann', { position: `user.10.${tag}` });
  await host.settle();
  expect(numbers(ann)).toEqual(range(11, 300));
  expect(ann.transport.types.at(0)).toBe('connected');
  expect(ann.transport.types.at(-1)).toBe('live');
});

test('[P8b] a connection that retention has overtaken is closed, and gets nothing from beyond the gap', async () => {
  const host = startService();
  await commit(host, 'user:ann', ...events(300));
  const { tag } = await host.database.log.locate('user:ann', 10);
  const { promise, resolve } = Promise.withResolvers<void>();
  const ann = await host.connect('ann', { position: `user.10.${tag}` });
  host.log.gate = promise;
  host.database.writer.run('DELETE FROM realtime_log WHERE seq <= 200');
  resolve();
  await host.settle();
  expect(numbers(ann)).toEqual(range(11, 128));
  expect(ann.transport.types.at(-1)).toBe('reconnect');
  expect(ann.transport.closed).toEqual({ code: 4103, reason: 'too_slow' });
});

test('[P8b] a read that comes too late closes nobody who got its rows meanwhile', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  const { promise, resolve } = Promise.withResolvers<void>();
  host.log.gate = promise;
  // The wake-up is ahead of the row, so that the log is asked; what is asked for then comes at once, and soon goes.
  host.broker.listener?.onWakeUp([{ channel: 'user:ann', seq: 1 }]);
  await host.settle();
  await commit(host, 'user:ann', event(1), event(2));
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2]);
  host.database.writer.run('DELETE FROM realtime_log');
  resolve();
  await host.settle();
  expect(ann.transport.closed).toBeUndefined();
  host.log.gate = undefined;
  await commit(host, 'user:ann', event(3));
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2, 3]);
});

test('a log that cannot be read is logged once a connection, and tried again until it can', async () => {
  const host = startService();
  await commit(host, 'user:ann', ...events(5));
  const { tag } = await host.database.log.locate('user:ann', 0);
  const peer = host.connect('ann', { position: `user.0.${tag}` });
  const ann = await peer;
  host.log.failure = new Error('disk I/O error');
  await host.settle();
  for (const _sweep of range(1, 4)) {
    host.clock.advance(SWEEP_MS);
    await host.settle();
  }
  expect(numbers(ann)).toEqual([]);
  expect(host.logger.of('delivery failed, will be tried again')).toHaveLength(1);
  expect(host.log.reads.length).toBeGreaterThan(2);
  host.log.failure = undefined;
  host.clock.advance(SWEEP_MS);
  await host.settle();
  expect(numbers(ann)).toEqual(range(1, 5));
  expect(ann.transport.types.at(-1)).toBe('live');
});

test('a connection that ends while its turn comes is left alone', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  await commit(host, 'user:ann', event(1));
  host.service.onPing(ann.connection, Buffer.from('x'));
  host.service.onClose(ann.connection, 1006);
  const before = ann.transport.bursts.length;
  await host.settle();
  expect(ann.transport.bursts.length).toBe(before);
});

test("pings are answered with their payload, and the peer's own order is kept: answers before notifications", async () => {
  const host = startService();
  const ann = await host.connect('ann');
  host.service.onText(ann.connection, '{"type":"ping","ref":"1"}');
  host.service.onPing(ann.connection, Buffer.from('hello'));
  await commit(host, 'user:ann', event(1));
  await host.settle();
  const last = ann.transport.frames.slice(-3);
  expect(last.map(({ opcode }) => opcode)).toEqual([TEXT, PONG, TEXT]);
  expect(last[1]?.payload.toString()).toBe('hello');
  expect(ann.transport.types.slice(-2)).toEqual(['pong', 'test.event']);
});
