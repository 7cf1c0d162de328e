import { expect, test } from 'vitest';
import { event, events } from '../../test/support/test-log.ts';
import { type Peer, principalOf, startService, type TestService } from '../../test/support/test-service.ts';
import { tokenOf } from '../../test/support/tokens.ts';
import { REVOCATION_CHANNEL } from '../domain/channel.ts';
import { WebSocketMessage } from '../domain/message.ts';
import type { Transaction } from '../domain/ports.ts';

const MESSAGE = new WebSocketMessage({
  type: 'note.created',
  resource: { kind: 'note', id: 1, version: 1, href: '/v1/notes/1' },
});

function numbers({ transport }: Peer): unknown[] {
  return transport.messages.filter((message) => 'seq' in message).map(({ seq }) => seq);
}

/** The channels that the service follows, as a full comparison with the log shows them. */
/** Channels that connections follow; the layer itself always follows revocations. */
async function followed({ broker, clock, log, settle }: TestService): Promise<readonly string[]> {
  log.headsAsked.length = 0;
  broker.listener?.onRestored();
  clock.advance(5_000);
  await settle();
  return log.headsAsked
    .flat()
    .filter((key) => key !== REVOCATION_CHANNEL)
    .toSorted();
}

test('announcing only buffers, in the transaction, for the channel of a user or of all', () => {
  const { service } = startService();
  const tx: Transaction = { notifications: [] };
  service.notify(tx, 'ann', MESSAGE);
  service.broadcast(tx, MESSAGE);
  expect(tx.notifications).toEqual([
    { channel: 'user:ann', message: MESSAGE },
    { channel: 'broadcast', message: MESSAGE },
  ]);
});

test.each(['', 'a b', 'a:b', 'x'.repeat(129)])('a user id that no channel can carry is refused early: %j', (userId) => {
  const { service } = startService();
  const fault = expect.objectContaining({ code: 'message_invalid' });
  expect(() => service.notify({ notifications: [] }, userId, MESSAGE)).toThrow(fault);
});

test('what is committed here reaches those who follow, and wakes the other nodes', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  const bob = await host.connect('bob');
  host.service.committed(await host.database.commit('user:ann', ...events(2)));
  host.service.committed([]);
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2]);
  expect(numbers(bob)).toEqual([]);
  expect(host.broker.published).toEqual([
    { channel: 'user:ann', seq: 1 },
    { channel: 'user:ann', seq: 2 },
  ]);
  expect(host.log.reads).toEqual([]);
});

test('[I4] what another node commits comes with its wake-up, from the log', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  await host.database.commit('user:ann', ...events(3));
  host.broker.listener?.onWakeUp([{ channel: 'user:ann', seq: 3 }]);
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2, 3]);
});

test('[I4] losing every wake-up delays, and loses nothing', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  await host.database.commit('user:ann', ...events(3));
  await host.database.commit('broadcast', event(1));
  await host.settle();
  expect(numbers(ann)).toEqual([]);
  host.clock.advance(5_000);
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2, 3, 1]);
});

test('[I4] a wake-up from a history that is no more is put right by the log', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  await host.database.commit('user:ann', ...events(2));
  host.broker.listener?.onWakeUp([{ channel: 'user:ann', seq: 9 }]);
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2]);
  host.service.committed(await host.database.commit('user:ann', event(3)));
  await host.settle();
  expect(numbers(ann)).toEqual([1, 2, 3]);
  expect(ann.transport.closed).toBeUndefined();
});

test('[P8] positions are compared with the log, though the channel has a head in memory', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  host.service.committed(await host.database.commit('user:ann', ...events(3)));
  await host.settle();
  const known = ann.transport.messages.at(-1)?.['cursor'];
  host.database.writer.run("UPDATE realtime_log SET tag = 'restored' WHERE seq = 3");
  host.database.writer.run("UPDATE realtime_channel SET head_tag = 'restored'");
  const again = await host.connect('ann', { position: String(known) });
  expect(again.transport.messages[0]).toMatchObject({ type: 'connected', resumed: false, reason: 'unknown_history' });
});

test('[P11] the position is that of the heads, in the order of the channels', async () => {
  const { service, database } = startService();
  const [entry] = await database.commit('broadcast', event(1));
  const position = await service.position(['user:ann', 'broadcast']);
  expect(position).toMatch(/^user\.0\.[\w-]+~/);
  expect(position.split('~')[1]).toBe(`broadcast.1.${entry?.tag}`);
  expect(await service.position([])).toBe('');
});

test('all connections of a user can be closed', async () => {
  const host = startService();
  const anns = [await host.connect('ann'), await host.connect('ann')];
  const bob = await host.connect('bob');
  expect(host.service.disconnect('ann', 'revoked')).toBe(2);
  for (const { transport } of anns) {
    expect(transport.types.at(-1)).toBe('error');
    expect(transport.closed).toEqual({ code: 4003, reason: 'revoked' });
  }
  expect(bob.transport.closed).toBeUndefined();
  expect(host.service.disconnect('nobody', 'revoked')).toBe(0);
});

test('channels are followed as long as a connection needs them', async () => {
  const host = startService();
  const peers = [await host.connect('ann'), await host.connect('ann'), await host.connect('bob')];
  expect(await followed(host)).toEqual(['broadcast', 'user:ann', 'user:bob']);
  const [ann] = peers;
  const channel = ann?.connection.subscriptions[0]?.channel;
  expect(channel?.subscriptions.size).toBe(2);
  if (ann) host.service.onBinary(ann.connection);
  expect(channel?.subscriptions.size).toBe(1);
  for (const { connection } of peers) host.service.onClose(connection, 1000);
  expect(channel?.subscriptions.size).toBe(0);
  expect(await followed(host)).toEqual([]);
});

test('a connection that was prepared and given up leaves no channel behind, nor does one whose log cannot be read', async () => {
  const host = startService();
  const prepared = await host.service.prepare(principalOf('ann'), undefined);
  host.service.abandon(prepared);
  host.log.failure = new Error('disk I/O error');
  await expect(host.service.prepare(principalOf('bob'), undefined)).rejects.toThrow('disk I/O error');
  host.log.failure = undefined;
  expect(await followed(host)).toEqual([]);
});

test.each([
  ['nine channels', { channels: Array.from({ length: 9 }, (_, index) => `channel${index}`) }],
  ['two channels of one name', { channels: ['user:ann', 'user:bob'] }],
  ['a key that is none', { channels: ['user:ann bob'] }],
  ['an end that is no time', { expiresAt: Number.POSITIVE_INFINITY }],
])('a principal with %s is a fault of the host', async (_what, fault) => {
  const { service } = startService();
  await expect(service.prepare({ ...principalOf('ann'), ...fault }, undefined)).rejects.toThrow(TypeError);
});

test("a user's limit holds for connections that authenticate late too: 4101", async () => {
  const host = startService({ settings: { maxConnectionsPerUser: 1 } });
  const authenticate = JSON.stringify({ type: 'authenticate', token: tokenOf('ann') });
  const peers = [host.connectBare(), host.connectBare(), host.connectBare()];
  for (const { connection } of peers) host.service.onText(connection, authenticate);
  await host.settle();
  expect(peers.map(({ transport }) => transport.closed?.code)).toEqual([undefined, 4101, 4101]);
  expect(peers.map(({ transport }) => transport.types.at(-1))).toEqual(['live', 'reconnect', 'reconnect']);
  expect(await followed(host)).toEqual(['broadcast', 'user:ann']);
});

test('one line is logged for each connection that opens and closes, with its reason and without its token', async () => {
  const host = startService();
  const ann = await host.connect('ann', { position: 'nonsense' });
  const eve = host.connectBare();
  host.service.onText(eve.connection, JSON.stringify({ type: 'authenticate', token: 'secret-of-eve' }));
  await host.settle();
  host.service.onClose(eve.connection, 4001);
  host.service.onClose(ann.connection, 1001);
  const address = '192.0.2.7';
  const id = ann.connection.id;
  expect(host.logger.lines).toEqual([
    {
      level: 'info',
      message: 'connection opened',
      fields: { connection_id: id, user_id: 'ann', address, resumed: false, reason: 'malformed' },
    },
    {
      level: 'info',
      message: 'connection closed',
      fields: { connection_id: eve.connection.id, user_id: undefined, address, code: 4001, reason: 'unauthenticated' },
    },
    {
      level: 'info',
      message: 'connection closed',
      fields: { connection_id: id, user_id: 'ann', address, code: 1001, reason: 'peer' },
    },
  ]);
  expect(JSON.stringify(host.logger.lines)).not.toContain('secret-of-eve');
});

test('closing refuses new connections, ends all with 4200, and waits until they are gone', async () => {
  const host = startService();
  const peers = [await host.connect('ann'), host.connectBare()];
  let done = false;
  const closed = host.service.close(1_000).then(() => {
    done = true;
  });
  await expect(host.service.check({ token: undefined, position: undefined, addressKey: 'a' })).rejects.toMatchObject({
    code: 'server_draining',
    retryAfterMs: 1_000,
  });
  expect(() => host.service.checkRoom('a', undefined)).toThrow(expect.objectContaining({ code: 'server_draining' }));
  expect(peers.map(({ transport }) => transport.closed?.code)).toEqual([4200, 4200]);
  expect(peers.map(({ transport }) => transport.types.at(-1))).toEqual(['reconnect', 'reconnect']);
  await host.settle();
  expect(done).toBe(false);
  for (const { connection } of peers) host.service.onClose(connection, 4200);
  await closed;
  await host.service.close(1_000);
  expect(host.clock.timers).toBe(0);
});

test('sockets whose peers do not answer the close are ended after the grace', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  const closed = host.service.close(1_000);
  host.clock.advance(999);
  expect(ann.transport.terminated).toBe(false);
  host.clock.advance(1);
  expect(ann.transport.terminated).toBe(true);
  host.service.onClose(ann.connection, 1006);
  await closed;
});

test('closing without connections is done at once', async () => {
  await expect(startService().service.close(1_000)).resolves.toBeUndefined();
});
