/** What connections are sent, over real sockets and a real file: rules P6 to P15b and the invariants behind them. */
import { copyFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WebSocketMessage } from '../src/domain/message.ts';
import { openReader } from '../src/infrastructure/sqlite/session.ts';
import { createSqliteRealtime } from '../src/sqlite-realtime.ts';
import { type Client, connect, connectLive } from './support/client.ts';
import { temporaryDatabase } from './support/files.ts';
import { ManualClock, START } from './support/manual-clock.ts';
import { connectRaw } from './support/raw-client.ts';
import { startHost, type TestHost } from './support/test-host.ts';
import { event, events, openTestLog } from './support/test-log.ts';
import { tokenOf } from './support/tokens.ts';
import { openTracedWriter } from './support/traced-session.ts';
import { until } from './support/until.ts';

const ANN = { token: tokenOf('ann') };
const BOB = { token: tokenOf('bob') };

/** The position of a client that has seen these cursors last. */
async function positionOf(client: Client): Promise<string> {
  await client.roundTrip();
  const cursors = new Map<string, string>();
  for (const message of client.messages) {
    if (message.type === 'connected')
      for (const cursor of message.cursor.split('~')) cursors.set(cursor.split('.')[0] ?? '', cursor);
    if ('seq' in message) cursors.set(message.channel, message.cursor);
  }
  return [...cursors.values()].join('~');
}

async function resume(host: TestHost, position: string): Promise<Client> {
  return connect(host, { ...ANN, query: `cursor=${position}` });
}

test("[P6] a user's notifications reach all of that user's connections and nobody else's; broadcasts reach everyone", async () => {
  const host = await startHost();
  const [first, second, bob] = [await connectLive(host, ANN), await connectLive(host, ANN), await connectLive(host, BOB)];
  await host.notify('ann', event(1));
  await host.broadcast(event(2));
  const seen = await Promise.all([first.notifications(2), second.notifications(2)]);
  expect(seen[0]).toEqual(seen[1]);
  expect(seen[0]?.map(({ channel, seq, data }) => [channel, seq, data])).toEqual([
    ['user', 1, { number: 1 }],
    ['broadcast', 1, { number: 2 }],
  ]);
  expect(await bob.notifications(1)).toMatchObject([{ channel: 'broadcast', seq: 1 }]);
  await bob.roundTrip();
});

test('[P6] a notification has the same bytes on every connection', async () => {
  const host = await startHost();
  const clients = [await connectRaw(host, ANN.token), await connectRaw(host, ANN.token)];
  await host.notify('ann', event(1));
  await until('the notification', () => clients.every(({ messages }) => messages.length === 3));
  const [first, second] = clients.map(({ frames }) => frames.at(-1)?.payload.toString());
  expect(first).toContain('"cursor":"user.1.');
  expect(second).toBe(first);
});

test('[P7][P9] a position resumes: connected, all that was missed, live, and from there on each seq is the next', async () => {
  const host = await startHost();
  const before = await connectLive(host, ANN);
  await host.notify('ann', ...events(3));
  await before.notifications(2);
  await before.next();
  const position = await positionOf(before);
  await before.close();
  await host.notify('ann', ...events(500, 4));
  await host.broadcast(event(1));
  const after = await resume(host, position);
  const connected = await after.expect('connected');
  expect(connected).toMatchObject({ resumed: true, cursor: position });
  const missed = await after.notifications(501);
  expect(missed.filter(({ channel }) => channel === 'user').map(({ seq }) => seq)).toEqual(
    events(500, 4).map((_, index) => index + 4),
  );
  const live = await after.expect('live');
  expect(live.cursor.split('~').map((cursor) => cursor.split('.').slice(0, 2))).toEqual([
    ['user', '503'],
    ['broadcast', '1'],
  ]);
  await host.notify('ann', event(504));
  expect(await after.notifications(1)).toMatchObject([{ seq: 504 }]);
});

test('[P7] without a position a connection starts at the heads', async () => {
  const host = await startHost();
  await host.notify('ann', ...events(3));
  const client = await connect(host, ANN);
  const connected = await client.expect('connected');
  expect(connected).toMatchObject({ resumed: false });
  expect(connected.reason).toBeUndefined();
  expect((await client.expect('live')).cursor).toBe(connected.cursor);
  await host.notify('ann', event(4));
  expect(await client.notifications(1)).toMatchObject([{ seq: 4 }]);
});

test('[P7] a position in the first frame', async () => {
  const host = await startHost();
  const before = await connectLive(host, ANN);
  const position = await positionOf(before);
  await host.notify('ann', ...events(2));
  const after = await connect(host, { query: 'cursor=nonsense' });
  after.send({ type: 'authenticate', token: ANN.token, cursor: position });
  expect(await after.expect('connected')).toMatchObject({ resumed: true });
  expect((await after.notifications(2)).map(({ seq }) => seq)).toEqual([1, 2]);
  await after.expect('live');
});

test('[P8] malformed: the client is told, and starts at the heads', async () => {
  const host = await startHost();
  await host.notify('ann', event(1));
  const client = await resume(host, 'nonsense');
  expect(await client.expect('connected')).toMatchObject({ resumed: false, reason: 'malformed' });
  await client.expect('live');
  await client.roundTrip();
});

test('[P8] expired: retention has passed the position', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock, retention: { maxCount: 2 } });
  const before = await connectLive(host, ANN);
  const position = await positionOf(before);
  await host.notify('ann', ...events(5));
  clock.advance(60_000);
  await host.notify('ann');
  const client = await resume(host, position);
  expect(await client.expect('connected')).toMatchObject({ resumed: false, reason: 'expired' });
  await client.expect('live');
  await client.roundTrip();
});

test('[P8] unknown_history: a backup was restored and written on, the client has seen the other history', async () => {
  const path = temporaryDatabase();
  const first = await startHost({ path });
  const early = await connectLive(first, ANN);
  await first.notify('ann', ...events(2));
  await early.notifications(2);
  const shared = await positionOf(early);
  await first.close();
  copyFileSync(path, `${path}.backup`);

  const second = await startHost({ path });
  const late = await connectLive(second, ANN);
  await second.notify('ann', ...events(3));
  await late.notifications(3);
  const lost = await positionOf(late);
  await second.close();

  copyFileSync(`${path}.backup`, path);
  const restored = await startHost({ path });
  const shorter = await resume(restored, lost);
  expect(await shorter.expect('connected')).toMatchObject({ resumed: false, reason: 'unknown_history' });
  await restored.notify('ann', ...events(3));
  const rewritten = await resume(restored, lost);
  expect(await rewritten.expect('connected')).toMatchObject({ resumed: false, reason: 'unknown_history' });
  const common = await resume(restored, shared);
  expect(await common.expect('connected')).toMatchObject({ resumed: true });
  expect((await common.notifications(3)).map(({ seq }) => seq)).toEqual([3, 4, 5]);
});

test("[P8] another user's position is unknown history", async () => {
  const host = await startHost();
  await host.notify('ann', ...events(3));
  await host.notify('bob', ...events(3));
  const bobs = await positionOf(await connectLive(host, BOB));
  const client = await resume(host, bobs);
  expect(await client.expect('connected')).toMatchObject({ resumed: false, reason: 'unknown_history' });
});

test('[P12] an idle channel resumes after retention has removed all of it, and after a restart', async () => {
  const path = temporaryDatabase();
  const clock = new ManualClock(setImmediate);
  const retention = { maxAgeMs: 1_000 };
  const host = await startHost({ path, clock, retention });
  const before = await connectLive(host, ANN);
  await host.notify('ann', ...events(3));
  await before.notifications(3);
  const position = await positionOf(before);
  await before.close();
  clock.advance(60_000);
  await until('the pass', () => host.realtime.reader.all('SELECT seq FROM realtime_log').length === 0);
  await host.close();
  const again = await startHost({ path, clock });
  const after = await resume(again, position);
  expect(await after.expect('connected')).toMatchObject({ resumed: true, cursor: position });
  await after.expect('live');
  await again.notify('ann', event(4));
  expect(await after.notifications(1)).toMatchObject([{ seq: 4 }]);
});

test('[P10][I1] nothing is announced of a transaction that fails, and everything of one that commits', async () => {
  const host = await startHost();
  const { realtime } = host;
  await realtime.transaction((_tx, sql) => sql.run('CREATE TABLE thing (id INTEGER PRIMARY KEY)'));
  const client = await connectLive(host, ANN);
  const add = (id: number, fails: boolean) =>
    realtime.transaction((tx, sql) => {
      sql.run('INSERT INTO thing (id) VALUES (?)', [id]);
      realtime.service.notify(tx, 'ann', event(id));
      if (fails) throw new Error('no');
    });
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => add(index + 1, index % 3 === 0)));
  const committed = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index + 1] : []));
  const seen = await client.notifications(committed.length);
  await client.roundTrip();
  expect(seen.map(({ data }) => data)).toEqual(committed.map((number) => ({ number })));
  expect(seen.map(({ seq }) => seq)).toEqual(committed.map((_, index) => index + 1));
  expect(realtime.reader.all<{ id: number }>('SELECT id FROM thing ORDER BY id').map(({ id }) => id)).toEqual(committed);
});

test('[P10] a notification that arrives can be fetched: its data are committed', async () => {
  const host = await startHost();
  const { realtime } = host;
  await realtime.transaction((_tx, sql) => sql.run('CREATE TABLE thing (id INTEGER PRIMARY KEY)'));
  const client = await connectLive(host, ANN);
  const missing: number[] = [];
  client.socket.on('message', () => {
    const { length } = realtime.reader.all('SELECT id FROM thing');
    const newest = client.messages.at(-1);
    if (newest && 'seq' in newest && newest.seq > length) missing.push(newest.seq);
  });
  for (let id = 1; id <= 50; id++) {
    await realtime.transaction((tx, sql) => {
      realtime.service.notify(tx, 'ann', event(id));
      sql.run('INSERT INTO thing (id) VALUES (?)', [id]);
    });
  }
  await client.notifications(50);
  expect(missing).toEqual([]);
});

test('[I2][I8] writers at the same time: rows, numbers and deliveries have one order, and few commits serve them all', async () => {
  const path = temporaryDatabase();
  openTestLog(undefined, path);
  const writer = openTracedWriter(path);
  const host = await startHost({
    path,
    open: (options) => createSqliteRealtime({ ...options, writer, reader: openReader(path) }),
  });
  const { realtime } = host;
  await realtime.transaction((_tx, sql) =>
    sql.run('CREATE TABLE thing (place INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER)'),
  );
  const client = await connectLive(host, ANN);
  const commits = writer.count('COMMIT');
  const add = (number: number) =>
    realtime.transaction(async (tx, sql) => {
      realtime.service.notify(tx, 'ann', event(number));
      realtime.service.broadcast(tx, event(number));
      await Promise.resolve();
      sql.run('INSERT INTO thing (number) VALUES (?)', [number]);
    });
  await Promise.all(Array.from({ length: 200 }, (_, index) => add(index)));
  expect(writer.count('COMMIT') - commits).toBe(1);
  const seen = await client.notifications(400);
  const places = realtime.reader
    .all<{ number: number }>('SELECT number FROM thing ORDER BY place')
    .map(({ number }) => ({ number }));
  for (const channel of ['user', 'broadcast']) {
    const own = seen.filter((message) => message.channel === channel);
    expect(own.map(({ data }) => data)).toEqual(places);
    expect(own.map(({ seq }) => seq)).toEqual(places.map((_, index) => index + 1));
  }
  await host.close();
  realtime.reader.close();
  writer.close();
});

test('[P11] a position taken before the data are read leaves no gap', async () => {
  const host = await startHost();
  const channels = ['user:ann', 'broadcast'];
  const positions: string[] = [];
  for (let number = 1; number <= 20; number++) {
    positions.push(await host.realtime.service.position(channels));
    await host.notify('ann', event(number));
  }
  const client = await resume(host, positions[7] ?? '');
  expect(await client.expect('connected')).toMatchObject({ resumed: true, cursor: positions[7] });
  expect((await client.notifications(13)).map(({ data }) => data)).toEqual(
    events(13, 8).map(({ json }) => JSON.parse(json).data),
  );
});

test('[P14] the time of a notification is that of its writing, and never falls', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock });
  const client = await connectLive(host, ANN);
  await host.notify('ann', event(1));
  clock.setWall(START - 60_000);
  await host.notify('ann', event(2));
  clock.setWall(START + 1);
  await host.notify('ann', event(3));
  const times = (await client.notifications(3)).map(({ time }) => time);
  expect(times).toEqual(['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.001Z']);
});

test('[P15b] more than a thousand changes of one kind in one transaction come as one', async () => {
  const host = await startHost();
  const client = await connectLive(host, ANN);
  const deleted = (id: number) =>
    new WebSocketMessage({ type: 'note.deleted', resource: { kind: 'note', id, version: 2, href: `/v1/notes/${id}` } });
  await host.notify('ann', ...Array.from({ length: 1_001 }, (_, index) => deleted(index + 1)));
  await host.notify('ann', deleted(5_000));
  const [many, one] = await client.notifications(2);
  expect(many).toMatchObject({ type: 'note.many', seq: 1, data: { count: 1_001 } });
  expect(many?.resource).toBeUndefined();
  expect(one).toMatchObject({ type: 'note.deleted', seq: 2, resource: { id: 5_000 } });
});

test('[I6] what becomes ready in one turn is one write on the wire', async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN.token);
  await until('live', () => client.messages.length === 2);
  const before = client.reads.length;
  await Promise.all([host.notify('ann', event(1), event(2)), host.broadcast(event(3)), host.notify('ann', event(4))]);
  await until('the notifications', () => client.messages.length === 6);
  expect(client.reads.length).toBe(before + 1);
});

test('[I4] what another process committed is found without any wake-up', async () => {
  const path = temporaryDatabase();
  const clock = new ManualClock(setImmediate);
  const database = openTestLog(clock, path);
  const writer = openTracedWriter(path);
  const host = await startHost({
    path,
    clock,
    open: (options) => createSqliteRealtime({ ...options, writer, reader: openReader(path) }),
  });
  const client = await connectLive(host, ANN);
  await database.commit('user:ann', ...events(3));
  await client.roundTrip();
  clock.advance(5_000);
  expect((await client.notifications(3)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  await host.close();
  host.realtime.reader.close();
  writer.close();
});
