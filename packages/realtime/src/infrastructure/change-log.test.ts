import { expect, test } from 'vitest';
import { ManualClock, START } from '../../test/support/manual-clock.ts';
import { event, events, openTestLog } from '../../test/support/test-log.ts';
import { openTracedWriter } from '../../test/support/traced-session.ts';
import { WebSocketMessage } from '../domain/message.ts';
import type { Transaction } from '../domain/ports.ts';
import { SqlChangeLog } from './change-log.ts';

function unit(...notifications: ReadonlyArray<readonly [channel: string, number: number]>): Transaction {
  return { notifications: notifications.map(([channel, number]) => ({ channel, message: event(number) })) };
}

test('[P6] numbers start at 1 and have no gaps, in each channel for itself', async () => {
  const { log, commit } = openTestLog();
  await commit('user:ann', ...events(2));
  await commit('user:bob', event(1));
  await commit('user:ann', event(3));
  const rows = await log.read('user:ann', 0, 10);
  expect(rows.map(({ seq, json }) => [seq, JSON.parse(json).data.number])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(await log.read('user:bob', 0, 10)).toHaveLength(1);
  expect(await log.read('user:ann', 1, 2)).toHaveLength(1);
});

test('[I2] channels are taken in the order of their keys, whatever the order of the announcements', async () => {
  const { log, path } = openTestLog();
  const writer = openTracedWriter(path);
  writer.run('BEGIN IMMEDIATE');
  await log.append(writer, [unit(['user:zoe', 1], ['broadcast', 2]), unit(['user:ann', 3], ['broadcast', 4])]);
  writer.run('COMMIT');
  const raised = writer.statements.filter(({ sql }) => sql.includes('INTO realtime_channel'));
  expect(raised.map(({ parameters }) => parameters[0])).toEqual(['broadcast', 'user:ann', 'user:zoe']);
  writer.close();
});

test('[I2] within a channel, units and their announcements are numbered in their order', async () => {
  const { log, writer } = openTestLog();
  writer.run('BEGIN IMMEDIATE');
  const entries = await log.append(writer, [
    unit(['broadcast', 1], ['user:ann', 2]),
    unit(),
    unit(['broadcast', 3], ['broadcast', 4]),
  ]);
  writer.run('COMMIT');
  const told = entries.map(({ channel, seq, json }) => [channel, seq, JSON.parse(json).data.number]);
  expect(told).toEqual([
    ['broadcast', 1, 1],
    ['broadcast', 2, 3],
    ['broadcast', 3, 4],
    ['user:ann', 1, 2],
  ]);
  expect(await log.read('broadcast', 0, 9)).toEqual(entries.filter(({ channel }) => channel === 'broadcast'));
});

test('[P10] rows are seen once they are committed, and not before', async () => {
  const { log, writer } = openTestLog();
  writer.run('BEGIN IMMEDIATE');
  await log.append(writer, [unit(['user:ann', 1])]);
  expect(await log.read('user:ann', 0, 9)).toEqual([]);
  expect((await log.heads(['user:ann']))[0]?.seq).toBe(0);
  writer.run('COMMIT');
  expect(await log.read('user:ann', 0, 9)).toHaveLength(1);
});

test('[P14] the time of a channel never falls, though the clock is set back', async () => {
  const clock = new ManualClock();
  const { log, commit } = openTestLog(clock);
  await commit('user:ann', event(1));
  clock.setWall(START - 3_600_000);
  await commit('user:ann', event(2));
  await commit('user:bob', event(1));
  clock.setWall(START + 5);
  await commit('user:ann', event(3));
  expect((await log.read('user:ann', 0, 9)).map(({ time }) => time - START)).toEqual([0, 0, 5]);
  expect((await log.read('user:bob', 0, 9))[0]?.time).toBe(START - 3_600_000);
});

test('[P12] number and tag of a head outlive its row', async () => {
  const { log, writer, commit } = openTestLog();
  const [, last] = await commit('user:ann', ...events(2));
  writer.run('DELETE FROM realtime_log');
  const head = { channel: 'user:ann', seq: 2, tag: last?.tag };
  expect(await log.heads(['user:ann'])).toEqual([head]);
  expect(await log.locate('user:ann', 2)).toEqual({ head, tag: last?.tag });
  expect(await log.locate('user:ann', 1)).toEqual({ head, tag: undefined });
  expect(await log.locate('user:ann', 0)).toEqual({ head, tag: undefined });
});

test('[P8] the place before the first notification has a tag: fixed, and another for each channel and each database', async () => {
  const { log, reader, commit } = openTestLog();
  const other = openTestLog();
  const [ann, bob] = await log.heads(['user:ann', 'user:bob']);
  expect(ann).toMatchObject({ channel: 'user:ann', seq: 0 });
  expect(ann?.tag).not.toBe(bob?.tag);
  expect((await other.log.heads(['user:ann']))[0]?.tag).not.toBe(ann?.tag);
  expect(await log.locate('user:ann', 0)).toMatchObject({ tag: ann?.tag });
  expect((await log.locate('user:ann', 1)).tag).toBeUndefined();
  await commit('user:ann', event(1));
  const again = new SqlChangeLog({ reader, clock: { now: () => 0 } });
  expect((await again.locate('user:ann', 0)).tag).toBe(ann?.tag);
});

test('heads come in the order in which they were asked for', async () => {
  const { log, commit } = openTestLog();
  await commit('broadcast', event(1));
  await commit('user:ann', ...events(2));
  expect((await log.heads(['user:zoe', 'user:ann', 'broadcast'])).map(({ channel, seq }) => [channel, seq])).toEqual([
    ['user:zoe', 0],
    ['user:ann', 2],
    ['broadcast', 1],
  ]);
  expect(await log.heads([])).toEqual([]);
});

test('[I4] the channels that changed lately are found', async () => {
  const clock = new ManualClock();
  const { log, commit } = openTestLog(clock);
  await commit('user:ann', event(1));
  clock.advance(30_000);
  await commit('user:bob', event(1));
  expect((await log.changedWithin(60_000)).map(({ channel }) => channel)).toEqual(['user:ann', 'user:bob']);
  clock.advance(30_000);
  expect((await log.changedWithin(60_000)).map(({ channel }) => channel)).toEqual(['user:bob']);
});

test('[P15b] a mass of changes takes one number', async () => {
  const { log, writer } = openTestLog();
  const message = new WebSocketMessage({
    type: 'note.deleted',
    resource: { kind: 'note', id: 1, version: 2, href: '/v1/notes/1' },
  });
  writer.run('BEGIN IMMEDIATE');
  const entries = await log.append(writer, [{ notifications: Array(1_500).fill({ channel: 'user:ann', message }) }]);
  writer.run('COMMIT');
  expect(entries).toMatchObject([{ seq: 1, json: '{"type":"note.many","data":{"count":1500}}' }]);
});

test('a database without the tables is named as such', async () => {
  const database = openTestLog();
  database.writer.run('DELETE FROM realtime_origin');
  await expect(database.log.heads(['user:ann'])).rejects.toThrow('the migration did not run');
  const mute = { all: () => [] };
  await expect(database.log.append(mute, [unit(['user:ann', 1])])).rejects.toThrow('head of channel user:ann');
});

test('a channel is forgotten a thousand rows at a time, itself with the last of them, and no other with it', async () => {
  const { log, writer, reader, commit } = openTestLog();
  for (const channel of ['user:ann', 'user:bob']) await commit(channel, ...events(900), ...events(900, 901));
  const left = () =>
    reader.all('SELECT key, (SELECT count(*) FROM realtime_log WHERE channel_id = id) AS rows FROM realtime_channel');
  const bob = { key: 'user:bob', rows: 1_800 };
  // Retention may have taken the oldest before.
  writer.run('DELETE FROM realtime_log WHERE seq <= 100 AND channel_id = 1');
  expect(await log.forget(writer, 'user:ann')).toBe(true);
  expect(left()).toEqual([{ key: 'user:ann', rows: 700 }, bob]);
  expect(await log.forget(writer, 'user:ann')).toBe(false);
  expect(left()).toEqual([bob]);
  expect(await log.forget(writer, 'user:ann')).toBe(false);
});
