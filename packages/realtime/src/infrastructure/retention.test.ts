import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { event, events, openTestLog, type TestLog } from '../../test/support/test-log.ts';
import { Retention } from './retention.ts';

const HOUR = 3_600_000;

async function numbers({ log }: TestLog, channel = 'user:ann'): Promise<number[]> {
  return (await log.read(channel, 0, Number.MAX_SAFE_INTEGER)).map(({ seq }) => seq);
}

/** Takes a whole pass. @returns how many slices it took. */
async function pass(retention: Retention, { writer }: TestLog): Promise<number> {
  let slices = 1;
  while (await retention.prune(writer)) slices++;
  return slices;
}

test('rows that are too old go, the others stay', async () => {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  await database.commit('user:ann', ...events(3));
  clock.advance(HOUR);
  await database.commit('user:ann', ...events(2));
  const retention = new Retention({ clock, maxAgeMs: HOUR, maxCount: 100 });
  await pass(retention, database);
  expect(await numbers(database)).toEqual([1, 2, 3, 4, 5]);
  clock.advance(1);
  await pass(retention, database);
  expect(await numbers(database)).toEqual([4, 5]);
});

test('of too many rows the newest stay', async () => {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  await database.commit('user:ann', ...events(10));
  await database.commit('user:bob', ...events(2));
  await pass(new Retention({ clock, maxAgeMs: HOUR, maxCount: 4 }), database);
  expect(await numbers(database)).toEqual([7, 8, 9, 10]);
  expect(await numbers(database, 'user:bob')).toEqual([1, 2]);
});

test('[P12] heads stay when every row goes', async () => {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  const [, last] = await database.commit('user:ann', ...events(2));
  clock.advance(2 * HOUR);
  const retention = new Retention({ clock, maxAgeMs: HOUR, maxCount: 100 });
  await pass(retention, database);
  await pass(retention, database);
  expect(await numbers(database)).toEqual([]);
  expect(await database.log.heads(['user:ann'])).toEqual([{ channel: 'user:ann', seq: 2, tag: last?.tag }]);
});

test('a pass goes in slices of a thousand rows, and the next one goes on where it stopped', async () => {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  await database.commit('user:ann', ...events(2_500));
  await database.commit('user:bob', ...events(300));
  const retention = new Retention({ clock, maxAgeMs: HOUR, maxCount: 100 });
  expect(await retention.prune(database.writer)).toBe(true);
  expect(await numbers(database)).toHaveLength(1_500);
  expect(await retention.prune(database.writer)).toBe(true);
  expect(await numbers(database)).toHaveLength(500);
  expect(await retention.prune(database.writer)).toBe(false);
  expect(await numbers(database)).toHaveLength(100);
  expect(await numbers(database, 'user:bob')).toHaveLength(100);
});

test('old rows go in slices too', async () => {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  await database.commit('user:ann', ...events(1_200));
  clock.advance(2 * HOUR);
  const retention = new Retention({ clock, maxAgeMs: HOUR, maxCount: 100_000 });
  expect(await retention.prune(database.writer)).toBe(true);
  expect((await numbers(database))[0]).toBe(1_001);
  expect(await retention.prune(database.writer)).toBe(false);
  expect(await numbers(database)).toEqual([]);
});

test('a pass over many channels goes in slices of a hundred', async () => {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  for (let user = 0; user < 250; user++) await database.commit(`user:${user}`, event(1), event(2));
  expect(await pass(new Retention({ clock, maxAgeMs: HOUR, maxCount: 1 }), database)).toBe(3);
  const [left] = database.reader.all<{ rows: number }>('SELECT count(*) AS rows FROM realtime_log');
  expect(left?.rows).toBe(250);
});
