import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { RecordingLogger } from '../../test/support/recording-logger.ts';
import { events, openTestLog, type TestLog } from '../../test/support/test-log.ts';
import type { SqlSession } from '../domain/sql.ts';
import { Retention } from './retention.ts';
import { RetentionTimer } from './retention-timer.ts';

const MINUTE = 60_000;
/** Before the first slice, and between two. */
const PAUSE = 50;

function setUp(inTransaction?: (work: (session: SqlSession) => Promise<boolean>) => Promise<boolean>) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const database = openTestLog(clock);
  const retention = new Retention({ clock, maxAgeMs: 3_600_000, maxCount: 10 });
  const transaction = inTransaction ?? ((work) => work(database.writer));
  const timer = new RetentionTimer({ retention, transaction, clock, logger });
  return { clock, logger, database, timer };
}

function rows({ reader }: TestLog): number | undefined {
  return reader.all<{ rows: number }>('SELECT count(*) AS rows FROM realtime_log')[0]?.rows;
}

test('a pass is taken soon after the start and a minute after each, with a pause between its slices', async () => {
  const { clock, database } = setUp();
  await database.commit('user:ann', ...events(2_500));
  const left: unknown[] = [];
  for (let slice = 0; slice < 3; slice++) {
    clock.advance(PAUSE - 1);
    await turn();
    left.push(rows(database));
    clock.advance(1);
    await turn();
  }
  expect([...left, rows(database)]).toEqual([2_500, 1_500, 500, 10]);
  await database.commit('user:ann', ...events(5));
  clock.advance(MINUTE - 1);
  await turn();
  expect(rows(database)).toBe(15);
  clock.advance(1);
  await turn();
  expect(rows(database)).toBe(10);
});

test('a pass that fails is logged, and the next one goes on', async () => {
  let full = true;
  const { clock, logger, database } = setUp(async (work) => {
    if (full) throw new Error('database or disk is full');
    return work(database.writer);
  });
  await database.commit('user:ann', ...events(20));
  clock.advance(PAUSE);
  await turn();
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { err: new Error('database or disk is full') } }]);
  full = false;
  clock.advance(MINUTE);
  await turn();
  expect(rows(database)).toBe(10);
});

test('slices do not overlap, and none starts after the end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let slices = 0;
  const { clock, timer } = setUp(async () => {
    slices++;
    await promise;
    return true;
  });
  clock.advance(3 * MINUTE);
  expect(slices).toBe(1);
  timer.stop();
  resolve();
  await turn();
  clock.advance(MINUTE);
  expect(slices).toBe(1);
  expect(clock.timers).toBe(0);
});

test('a timer that ends before its first slice takes none', async () => {
  let slices = 0;
  const { clock, timer } = setUp(async () => {
    slices++;
    return false;
  });
  timer.stop();
  clock.advance(MINUTE);
  await turn();
  expect([slices, clock.timers]).toEqual([0, 0]);
});
