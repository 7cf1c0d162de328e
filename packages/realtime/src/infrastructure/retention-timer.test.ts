import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { RecordingLogger } from '../../test/support/recording-logger.ts';
import { events, openTestLog, type TestLog } from '../../test/support/test-log.ts';
import type { SqlSession } from '../domain/sql.ts';
import { Retention } from './retention.ts';
import { RetentionTimer } from './retention-timer.ts';

const MINUTE = 60_000;

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

test('a pass is taken every minute, all its slices one after the other', async () => {
  const { clock, database } = setUp();
  await database.commit('user:ann', ...events(2_500));
  clock.advance(MINUTE - 1);
  await turn();
  expect(rows(database)).toBe(2_500);
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
  clock.advance(MINUTE);
  await turn();
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { err: new Error('database or disk is full') } }]);
  full = false;
  clock.advance(MINUTE);
  await turn();
  expect(rows(database)).toBe(10);
});

test('passes do not overlap, and stop with the timer', async () => {
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
