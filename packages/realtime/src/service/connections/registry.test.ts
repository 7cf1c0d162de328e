import { expect, test } from 'vitest';
import { RecordingTransport } from '../../../test/support/recording-transport.ts';
import { principalOf } from '../../../test/support/test-service.ts';
import { Connection } from './connection.ts';
import { ConnectionRegistry } from './registry.ts';

const LIMITS = { maxConnections: 4, maxUnauthenticatedConnections: 2, maxConnectionsPerUser: 2, maxConnectionsPerAddress: 10 };
const ADDRESS = new RecordingTransport().addressKey;

function connect(registry: ConnectionRegistry, userId?: string): Connection {
  const connection = new Connection(new RecordingTransport(), 1_000, 0);
  registry.add(connection);
  if (userId === undefined) return connection;
  connection.principal = principalOf(userId);
  registry.identify(connection, userId);
  return connection;
}

test('connections are counted by what is known of them', () => {
  const registry = new ConnectionRegistry(LIMITS);
  const bare = connect(registry);
  const anns = connect(registry, 'ann');
  expect([...registry.unauthenticated]).toEqual([bare]);
  expect([...registry.all]).toEqual([bare, anns]);
  expect(registry.ofUser('ann')).toEqual([anns]);
  expect(registry.ofUser('bob')).toEqual([]);
});

test('[P5] those who have not proved who they are have a limit of their own', () => {
  const registry = new ConnectionRegistry(LIMITS);
  connect(registry);
  expect(() => registry.checkRoom(ADDRESS, undefined)).not.toThrow();
  const second = connect(registry);
  expect(() => registry.checkRoom(ADDRESS, undefined)).toThrow(
    expect.objectContaining({ code: 'over_capacity', retryAfterMs: 5_000 }),
  );
  expect(() => registry.checkRoom(ADDRESS, 'ann')).not.toThrow();
  registry.remove(second);
  expect(() => registry.checkRoom(ADDRESS, undefined)).not.toThrow();
});

test('a user has a limit, and so has the server', () => {
  const registry = new ConnectionRegistry(LIMITS);
  connect(registry, 'ann');
  connect(registry, 'ann');
  expect(() => registry.checkRoom(ADDRESS, 'ann')).toThrow(
    expect.objectContaining({ code: 'too_many_connections', retryAfterMs: 5_000 }),
  );
  connect(registry, 'bob');
  connect(registry, 'eve');
  expect(() => registry.checkRoom(ADDRESS, 'dan')).toThrow(
    expect.objectContaining({ code: 'over_capacity', retryAfterMs: 5_000 }),
  );
});

test('an address has a limit, which other addresses do not share', () => {
  const registry = new ConnectionRegistry({ ...LIMITS, maxConnectionsPerAddress: 2 });
  const first = connect(registry, 'ann');
  connect(registry, 'bob');
  expect(() => registry.checkRoom(ADDRESS, 'eve')).toThrow(expect.objectContaining({ code: 'too_many_connections' }));
  expect(() => registry.checkRoom('198.51.100.1', 'eve')).not.toThrow();
  registry.remove(first);
  registry.remove(first);
  expect(() => registry.checkRoom(ADDRESS, 'eve')).not.toThrow();
  connect(registry, 'eve');
  expect(() => registry.checkRoom(ADDRESS, 'dan')).toThrow(expect.objectContaining({ code: 'too_many_connections' }));
});

test('nothing is left of connections that are gone', () => {
  const registry = new ConnectionRegistry(LIMITS);
  const all = [connect(registry), connect(registry, 'ann'), connect(registry, 'ann'), connect(registry, 'bob')];
  for (const connection of all) registry.remove(connection);
  expect([registry.all.size, registry.unauthenticated.size, registry.ofUser('ann').length]).toEqual([0, 0, 0]);
  expect(() => registry.checkUser('ann')).not.toThrow();
});
