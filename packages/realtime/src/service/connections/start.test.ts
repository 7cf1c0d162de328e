import { type Cursor, formatPosition } from '@friday/protocol';
import { expect, test } from 'vitest';
import { events, openTestLog, type TestLog } from '../../../test/support/test-log.ts';
import { findStart } from './start.ts';

const CHANNELS = ['user:ann', 'broadcast'];

/** Three of Ann's, two for everyone, one of Bob's. */
async function openFilledLog(): Promise<TestLog> {
  const database = openTestLog();
  await database.commit('user:ann', ...events(3));
  await database.commit('broadcast', ...events(2));
  await database.commit('user:bob', ...events(1));
  return database;
}

async function cursorAt({ log }: TestLog, key: string, seq: number): Promise<Cursor> {
  const { tag } = await log.locate(key, seq);
  return { channel: key.split(':')[0] ?? key, seq, tag: tag ?? 'none' };
}

async function positionAt(database: TestLog, places: Readonly<Record<string, number>>): Promise<string> {
  return formatPosition(await Promise.all(Object.entries(places).map(([key, seq]) => cursorAt(database, key, seq))));
}

test('[P7] without a position a connection starts at the heads', async () => {
  const { log } = await openFilledLog();
  const start = await findStart(log, CHANNELS, undefined);
  expect(start.resumed).toBe(false);
  expect(start.reason).toBeUndefined();
  expect(start.places).toMatchObject([
    { channel: 'user:ann', seq: 3, head: 3 },
    { channel: 'broadcast', seq: 2, head: 2 },
  ]);
});

test('[P7] a position that can be served is where the connection starts, in the order of its channels', async () => {
  const database = await openFilledLog();
  const start = await findStart(database.log, CHANNELS, await positionAt(database, { broadcast: 0, 'user:ann': 1 }));
  expect(start).toMatchObject({
    resumed: true,
    places: [
      { channel: 'user:ann', seq: 1, head: 3 },
      { channel: 'broadcast', seq: 0, head: 2 },
    ],
  });
});

test('[P7] a channel that the position does not name starts at its head', async () => {
  const database = await openFilledLog();
  const start = await findStart(database.log, CHANNELS, await positionAt(database, { 'user:ann': 2 }));
  expect(start).toMatchObject({
    resumed: true,
    places: [
      { seq: 2, head: 3 },
      { seq: 2, head: 2 },
    ],
  });
});

test('[P8] one cursor that cannot be served refuses the whole position', async () => {
  const database = await openFilledLog();
  const good = await positionAt(database, { 'user:ann': 1 });
  const start = await findStart(database.log, CHANNELS, `${good}~broadcast.1.forged`);
  expect(start).toMatchObject({ resumed: false, reason: 'unknown_history', places: [{ seq: 3 }, { seq: 2 }] });
});

test.each([
  ['another tag', 'user.2.forged'],
  ['a number that was never given', 'user.4.forged'],
  ['another tag at the head', 'user.3.forged'],
  ['another tag before the first', 'user.0.forged'],
  ['a channel that the user does not have', 'team.1.forged'],
])('[P8] %s is unknown history', async (_what, position) => {
  const { log } = await openFilledLog();
  expect(await findStart(log, CHANNELS, position)).toMatchObject({ resumed: false, reason: 'unknown_history' });
});

test("[P8] another user's position is unknown history", async () => {
  const database = await openFilledLog();
  const bobs = await positionAt(database, { 'user:bob': 1 });
  expect(await findStart(database.log, CHANNELS, bobs)).toMatchObject({ resumed: false, reason: 'unknown_history' });
  const beforeBobs = await positionAt(database, { 'user:bob': 0 });
  expect(await findStart(database.log, CHANNELS, beforeBobs)).toMatchObject({ resumed: false, reason: 'unknown_history' });
});

test('[P8] what retention has removed is expired, its last number not excepted unless it is the head', async () => {
  const database = await openFilledLog();
  const before = await positionAt(database, { 'user:ann': 0 });
  const second = await positionAt(database, { 'user:ann': 2 });
  database.writer.run('DELETE FROM realtime_log WHERE seq <= 2');
  expect(await findStart(database.log, CHANNELS, before)).toMatchObject({ resumed: false, reason: 'expired' });
  expect(await findStart(database.log, CHANNELS, second)).toMatchObject({ resumed: false, reason: 'expired' });
});

test('[P12] the head resumes after retention has removed every row', async () => {
  const database = await openFilledLog();
  const head = await positionAt(database, { 'user:ann': 3, broadcast: 2 });
  database.writer.run('DELETE FROM realtime_log');
  expect(await findStart(database.log, CHANNELS, head)).toMatchObject({ resumed: true, places: [{ seq: 3 }, { seq: 2 }] });
  expect(await findStart(database.log, CHANNELS, 'user.3.forged')).toMatchObject({ reason: 'unknown_history' });
});

test.each(['', 'x', 'user.1', 'user.01.tag', 'user.1.tag~', 'user.1.tag~user.2.tag', 'a'.repeat(2_000)])(
  '[P8] %j is malformed',
  async (position) => {
    const { log } = await openFilledLog();
    expect(await findStart(log, CHANNELS, position)).toMatchObject({
      resumed: false,
      reason: 'malformed',
      places: [{ seq: 3 }, {}],
    });
  },
);
