/** What the service tells of its work, and how it says that it stands. */
import { expect, test } from 'vitest';
import { event, events } from '../../test/support/test-log.ts';
import { type Peer, startService, type TestService } from '../../test/support/test-service.ts';
import { WebSocketMessage } from '../domain/message.ts';

const MINUTE = 60_000;

async function commit(
  { database, service }: TestService,
  channel: string,
  ...messages: readonly WebSocketMessage[]
): Promise<void> {
  service.committed(await database.commit(channel, ...messages));
}

/** What the transport was given in all. */
function bytesOf({ transport }: Peer): number {
  return transport.bursts.flat().reduce((sum, bytes) => sum + bytes.length, 0);
}

test('a delivery is told once a turn, with the connections that it reached and the time since the commit', async () => {
  const host = startService();
  for (let index = 0; index < 5; index++) await host.connect('ann');
  await commit(host, 'user:ann', event(1));
  host.clock.stall(20);
  await commit(host, 'user:ann', event(2));
  host.clock.stall(10);
  await host.settle();
  // Both notifications leave in one write: what counts is how long the older one waited.
  expect(host.metrics.of('delivered')).toEqual([[5, 30]]);
  await commit(host, 'user:ann', event(3));
  host.clock.stall(4);
  await host.settle();
  expect(host.metrics.of('delivered').at(-1)).toEqual([5, 4]);
});

test('over several turns each tells of those that it reached', async () => {
  const host = startService();
  for (let index = 0; index < 60; index++) await host.connect('ann');
  await commit(host, 'user:ann', event(1));
  host.clock.costOfLook = 1;
  host.clock.settle();
  const told = host.metrics.of('delivered');
  expect(told.length).toBeGreaterThan(5);
  expect(told.reduce((sum, [connections]) => sum + Number(connections), 0)).toBe(60);
});

test('who does not read, or is catching up, is no matter of latency', async () => {
  const host = startService();
  const reader = await host.connect('ann');
  const sleeper = await host.connect('ann');
  sleeper.transport.writable = false;
  await commit(host, 'user:ann', ...events(3));
  await host.settle();
  host.clock.stall(MINUTE / 2);
  sleeper.transport.writable = true;
  await commit(host, 'user:ann', event(4));
  await host.settle();
  expect(bytesOf(sleeper)).toBe(bytesOf(reader));
  expect(host.metrics.of('delivered')).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

test('what is written is counted to the byte', async () => {
  const host = startService();
  const peers = [await host.connect('ann'), await host.connect('ann')];
  await commit(host, 'user:ann', ...events(3));
  await host.settle();
  expect(host.service.stats().sent).toEqual({
    notifications: 6,
    bytes: peers.reduce((sum, peer) => sum + bytesOf(peer), 0),
  });
});

test('openings, replays and their lengths', async () => {
  const host = startService();
  await host.connect('ann');
  const position = await host.service.position(['user:ann', 'broadcast']);
  await commit(host, 'user:ann', ...events(7));
  await host.settle();
  await host.connect('ann', { position });
  await host.settle();
  await host.connect('ann', { position: 'nonsense' });
  expect(host.metrics.of('opened')).toEqual([
    ['fresh', 0],
    ['resumed', 7],
    ['malformed', 0],
  ]);
  expect(host.metrics.of('caughtUp')).toHaveLength(1);
});

test('a log that cannot be read is told each time, tried again, and logged once a connection', async () => {
  const host = startService();
  const before = await host.service.position(['user:ann', 'broadcast']);
  await host.database.commit('user:ann', ...events(3));
  const { transport, connection } = await host.connect('ann', { position: before });
  await host.settle();
  expect(host.metrics.of('readLog')).toEqual([[3, 0]]);
  await host.database.commit('user:ann', event(4));
  host.log.failure = new Error('disk I/O error');
  host.broker.listener?.onWakeUp([{ channel: 'user:ann', seq: 4 }]);
  await host.settle();
  for (let sweep = 0; sweep < 3; sweep++) {
    host.clock.advance(250);
    await host.settle();
  }
  expect(host.metrics.of('deliveryFailed').length).toBeGreaterThan(2);
  expect(new Set(host.metrics.of('deliveryFailed').flat())).toEqual(new Set(['log_unreadable']));
  expect(host.logger.of('delivery failed, will be tried again')).toMatchObject([
    { fields: { err: host.log.failure, connection_id: connection.id } },
  ]);
  host.log.failure = undefined;
  host.clock.advance(250);
  await host.settle();
  expect(transport.messages.at(-1)).toMatchObject({ seq: 4 });
});

test('a notification that cannot be encoded or is too large is refused where it is made: no delivery ever fails of it', async () => {
  const host = startService();
  const { transport } = await host.connect('ann');
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(() => new WebSocketMessage({ type: 'test.event', data: circle })).toThrow(/no JSON form/);
  expect(() => event(1, 17_000)).toThrow(/16384 are allowed/);
  await commit(host, 'user:ann', event(2));
  await host.settle();
  expect(transport.messages.at(-1)).toMatchObject({ seq: 1, data: { number: 2 } });
  expect(host.metrics.of('deliveryFailed')).toEqual([]);
});

test('announcements are told by type, wherever it stands in the message', async () => {
  const host = startService();
  const late = new WebSocketMessage({ data: { n: 1 }, type: 'test.late' });
  await commit(host, 'user:ann', event(1), event(2), late);
  expect(host.metrics.of('announced')).toEqual([['test.event'], ['test.event'], ['test.late']]);
});

test('closes by code and reason, and errors to those who stay', async () => {
  const host = startService();
  const peer = await host.connect('ann');
  host.service.onText(peer.connection, '{"type":"nonsense"}');
  await host.settle();
  expect(host.metrics.of('answeredError')).toEqual([['invalid_message']]);
  host.service.onClose(peer.connection, 1001);
  const slow = await host.connect('ann');
  host.service.onBinary(slow.connection);
  host.service.onClose(slow.connection, 4000);
  expect(host.metrics.of('closed')).toEqual([
    [1001, undefined],
    [4000, 'protocol_error'],
  ]);
});

test('a look for lost wake-ups tells what it found, or that it failed', async () => {
  const host = startService();
  await host.connect('ann');
  await host.service.reconcile();
  await host.database.commit('user:ann', event(1));
  await host.service.reconcile();
  await host.service.reconcile();
  host.log.failure = new Error('disk I/O error');
  await host.service.reconcile();
  expect(host.metrics.of('reconciled')).toEqual([[0], [1], [0], [undefined]]);
});

test('how it stands: connections by state, who is behind, windows, and what waits', async () => {
  const host = startService({ settings: { windowBytes: 64 * 1024 } });
  const { service } = host;
  host.connectBare();
  await host.connect('ann');
  const closing = await host.connect('bob');
  service.onBinary(closing.connection);
  const blocked = await host.connect('cid');
  blocked.transport.writable = false;
  const full = await host.connect('dan');
  await commit(host, 'user:cid', ...events(3));
  await host.settle();
  for (let batch = 0; batch < 10; batch++) {
    await commit(host, 'user:dan', event(batch, 16_000));
    await host.settle();
  }
  const stats = service.stats();
  expect(stats.connections).toEqual({ unauthenticated: 1, catching_up: 0, live: 3, closing: 1 });
  const lacking = 10 - full.transport.messages.filter(({ type }) => type === 'test.event').length;
  expect(stats.behind).toEqual({ connections: 2, notifications: 3 + lacking, most: Math.max(3, lacking) });
  expect(stats.windows).toEqual({ full: 1, pinged: 0, blocked: 1 });
  expect(stats).toMatchObject({ handshakesWaiting: 0, logReadsWaiting: 0, receivedFrames: 0, cache: { misses: 0 } });
  expect(stats.cache.hits).toBeGreaterThan(3);
  expect(stats.cache.bytes).toBeGreaterThan(100_000);
});
