/** How many may be connected, on real sockets, and that nothing is left of those who are not any more. */
import { expect, test } from 'vitest';
import { REVOCATION_CHANNEL } from '../src/domain/channel.ts';
import { openReader } from '../src/infrastructure/sqlite/session.ts';
import { createSqliteRealtime } from '../src/sqlite-realtime.ts';
import { type Client, connect, connectLive, plainGet, refused } from './support/client.ts';
import { temporaryDatabase } from './support/files.ts';
import { ManualClock } from './support/manual-clock.ts';
import { connectRaw, dialRaw, type RawClient } from './support/raw-client.ts';
import { startHost, type TestHost } from './support/test-host.ts';
import { event, openTestLog } from './support/test-log.ts';
import { TestBroker } from './support/test-service.ts';
import { tokenOf } from './support/tokens.ts';
import { openTracedWriter, TracedSession } from './support/traced-session.ts';
import { until } from './support/until.ts';

const ANN = { token: tokenOf('ann') };

test("[P4] a user's limit: 429 with Retry-After, and room again once one has left", async () => {
  const host = await startHost({ settings: { maxConnectionsPerUser: 2 } });
  const [first] = [await connectLive(host, ANN), await connectLive(host, ANN)];
  for (const answer of [await refused(host, ANN), await plainGet(host, ANN)]) {
    expect(answer).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
      body: { error: { code: 'too_many_connections' } },
    });
  }
  await connectLive(host, { token: tokenOf('bob') });
  await first?.close();
  await until('the close', () => host.logger.of('connection closed').length === 1);
  await connectLive(host, ANN);
});

test("[P4] the server's limit: 503 with Retry-After", async () => {
  const host = await startHost({ settings: { maxConnections: 2 } });
  await connectLive(host, ANN);
  await connect(host);
  for (const answer of [await refused(host, { token: tokenOf('bob') }), await refused(host), await plainGet(host)]) {
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' }, body: { error: { code: 'over_capacity' } } });
  }
});

test('[P5] those who have not said who they are have a limit of their own', async () => {
  const host = await startHost({ settings: { maxUnauthenticatedConnections: 2 } });
  const [first] = [await connect(host), await connect(host)];
  expect(await refused(host)).toMatchObject({ status: 503, body: { error: { code: 'over_capacity' } } });
  await connectLive(host, ANN);
  first?.send({ type: 'authenticate', ...ANN });
  await first?.expect('connected');
  await connect(host);
});

test('limits hold for handshakes whose tokens are looked at together', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const host = await startHost({
    settings: { maxConnectionsPerUser: 3 },
    authenticator: {
      authenticate: async () => {
        asked++;
        await promise;
        return { userId: 'ann', channels: ['user:ann'], expiresAt: Date.now() + 60_000 };
      },
    },
  });
  const clients: RawClient[] = [];
  for (let number = 0; number < 10; number++) {
    const client = await dialRaw(host);
    client.request({ headers: { authorization: 'Bearer x' } });
    clients.push(client);
  }
  await until('all questions', () => asked === 10);
  resolve();
  const statuses = await Promise.all(clients.map((client) => client.status()));
  expect(statuses.toSorted()).toEqual([...Array(3).fill(101), ...Array(7).fill(429)]);
});

/** A host whose channels can be seen: those that a full comparison asks the log for. */
async function startWatchedHost(): Promise<{ host: TestHost; followed: () => Promise<number> }> {
  const path = temporaryDatabase();
  openTestLog(undefined, path);
  const writer = openTracedWriter(path);
  const reader = new TracedSession(openReader(path).database);
  const broker = new TestBroker();
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ path, broker, clock, open: (options) => createSqliteRealtime({ ...options, writer, reader }) });
  const followed = async () => {
    reader.statements.length = 0;
    broker.listener?.onRestored();
    clock.advance(5_000);
    await until('the comparison', () => true);
    return reader.statements
      .filter(({ sql }) => sql.includes('WHERE key IN'))
      .flatMap(({ parameters }) => parameters)
      .filter((key) => key !== REVOCATION_CHANNEL).length;
  };
  return { host, followed };
}

test('nothing is left of connections that are gone, however they went', async () => {
  const { host, followed } = await startWatchedHost();
  const clients: Client[] = [];
  for (let user = 0; user < 60; user++) clients.push(await connectLive(host, { token: tokenOf(`user-${user}`) }));
  const bare: RawClient[] = [];
  for (let number = 0; number < 20; number++) bare.push(await connectRaw(host));
  expect(await followed()).toBe(61);
  await host.broadcast(event(1));
  await Promise.all(clients.map((client) => client.notifications(1)));
  for (const [index, client] of clients.entries()) {
    if (index % 3 === 0) client.socket.close(1000);
    else if (index % 3 === 1) client.socket.terminate();
    else client.send('garbage');
  }
  for (const client of bare) client.socket.destroy();
  const broken = await dialRaw(host);
  broken.request({ headers: { authorization: `Bearer ${ANN.token}`, 'sec-websocket-key': 'short' } });
  expect(await broken.status()).toBe(400);
  await until('the end of all sockets', () => host.sockets.size === 0);
  expect(host.logger.of('connection closed')).toHaveLength(80);
  expect(await followed()).toBe(0);
  for (let user = 0; user < 60; user++) expect(host.realtime.service.disconnect(`user-${user}`, 'revoked')).toBe(0);
  const again = await connectLive(host, { token: tokenOf('user-1') });
  await host.notify('user-1', event(2));
  await again.notifications(1);
});

test('closing ends every connection with 4200, and a second call changes nothing', async () => {
  const host = await startHost();
  const clients = [await connectLive(host, ANN), await connect(host)];
  const closing = Promise.all([host.realtime.service.close(1_000), host.realtime.service.close(1_000)]);
  for (const client of clients) {
    await client.expect('reconnect');
    expect(await client.closed).toEqual({ code: 4200, reason: 'server_draining' });
  }
  await closing;
});

test('a peer that does not answer the close does not keep the server from closing', async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN.token);
  client.socket.pause();
  await host.realtime.service.close(100);
  await until('the end of the socket', () => host.sockets.size === 0);
});
