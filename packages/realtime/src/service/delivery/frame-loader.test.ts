import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GatedLog } from '../../../test/support/gated-log.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { events, openTestLog, type TestLog } from '../../../test/support/test-log.ts';
import { NO_METRICS } from '../../domain/metrics.ts';
import { CHUNK_SPAN } from './chunk.ts';
import { FrameCache } from './frame-cache.ts';
import { FrameLoader, type LoadOutcome } from './frame-loader.ts';

interface Setup {
  readonly clock: ManualClock;
  readonly database: TestLog;
  readonly log: GatedLog;
  readonly cache: FrameCache;
  readonly loader: FrameLoader;
  load(channel: string, seq: number): Promise<LoadOutcome>;
}

function setUp(): Setup {
  const database = openTestLog();
  const log = new GatedLog(database.log);
  const cache = new FrameCache(1024 * 1024);
  const clock = new ManualClock((run) => void setImmediate(run));
  const loader = new FrameLoader({ log, cache, clock, metrics: NO_METRICS, deadlineMs: 1_000 });
  const load = (channel: string, seq: number) =>
    new Promise<LoadOutcome>((resolve) => loader.load(channel, seq, (outcome) => resolve(outcome)));
  return { clock, database, log, cache, loader, load };
}

test('a chunk comes into the cache, and all who wait for it share one read', async () => {
  const { database, log, cache, load } = setUp();
  await database.commit('user:ann', ...events(CHUNK_SPAN + 5));
  expect(await Promise.all([load('user:ann', 1), load('user:ann', 100)])).toEqual(['ready', 'ready']);
  expect(log.reads).toEqual([['user:ann', 0, CHUNK_SPAN]]);
  expect(await load('user:ann', CHUNK_SPAN + 1)).toBe('ready');
  expect([1, CHUNK_SPAN, CHUNK_SPAN + 5].every((seq) => cache.has('user:ann', seq))).toBe(true);
});

test('[P8b] a row that retention has removed is gone, and so is a whole chunk', async () => {
  const { database, load } = setUp();
  await database.commit('user:ann', ...events(10));
  database.writer.run('DELETE FROM realtime_log WHERE seq <= 4');
  expect(await Promise.all([load('user:ann', 4), load('user:ann', 5)])).toEqual(['gone', 'ready']);
  database.writer.run('DELETE FROM realtime_log');
  expect(await load('user:ann', 10)).toBe('gone');
});

test('a row that was committed after the log was asked is asked for again, not taken for gone', async () => {
  const { database, log, load } = setUp();
  await database.commit('user:ann', ...events(1));
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  const early = load('user:ann', 1);
  await database.commit('user:ann', ...events(1));
  const late = load('user:ann', 2);
  resolve();
  expect(await Promise.all([early, late])).toEqual(['ready', 'ready']);
  expect(log.reads).toHaveLength(1);
  expect(await load('user:ann', 2)).toBe('ready');
  expect(log.reads).toHaveLength(2);
});

test('of those who wait, the first is told that the rows are its to use at once', async () => {
  const { database, loader } = setUp();
  await database.commit('user:ann', ...events(3));
  const told: Array<readonly [LoadOutcome, boolean]> = [];
  await new Promise<void>((resolve) => {
    loader.load('user:ann', 1, (outcome, first) => void told.push([outcome, first]));
    loader.load('user:ann', 2, (outcome, first) => {
      told.push([outcome, first]);
      resolve();
    });
  });
  expect(told).toEqual([
    ['ready', true],
    ['ready', false],
  ]);
});

test('a number that was never given is ahead of the log, not gone', async () => {
  const { database, load } = setUp();
  await database.commit('user:ann', ...events(2));
  expect(await load('user:ann', 3)).toBe('ahead');
  expect(await load('user:ann', CHUNK_SPAN + 1)).toBe('ahead');
  expect(await load('user:zoe', 1)).toBe('ahead');
});

test('a first row that is committed between two looks at the log is there', async () => {
  const { database, log, load } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  const first = load('user:ann', 1);
  await database.commit('user:ann', ...events(1));
  resolve();
  expect(await first).toBe('ready');
  expect(log.reads).toHaveLength(2);
});

test('few reads are under way at once; the others wait for their turn', async () => {
  const { database, log, load } = setUp();
  await database.commit('broadcast', ...events(6 * CHUNK_SPAN));
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  const loads = [0, 1, 2, 3, 4, 5].map((index) => load('broadcast', index * CHUNK_SPAN + 1));
  await turn();
  expect(log.reads).toHaveLength(4);
  resolve();
  expect(await Promise.all(loads)).toEqual(Array(6).fill('ready'));
  expect(log.reads).toHaveLength(6);
});

test('one turn of the loop begins few reads, however fast they end', async () => {
  const { database, log, load } = setUp();
  await database.commit('broadcast', ...events(6 * CHUNK_SPAN));
  const loads = [0, 1, 2, 3, 4, 5].map((index) => load('broadcast', index * CHUNK_SPAN + 1));
  await Promise.all(loads.slice(0, 4));
  expect(log.reads).toHaveLength(4);
  await Promise.all(loads);
  expect(log.reads).toHaveLength(6);
});

test('a read whose turn does not come in time is late', async () => {
  const { clock, database, log, load } = setUp();
  await database.commit('broadcast', ...events(5 * CHUNK_SPAN));
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  const loads = [0, 1, 2, 3, 4].map((index) => load('broadcast', index * CHUNK_SPAN + 1));
  clock.advance(1_001);
  resolve();
  expect(await Promise.all(loads)).toEqual(['ready', 'ready', 'ready', 'ready', 'late']);
  expect(await load('broadcast', 4 * CHUNK_SPAN + 1)).toBe('ready');
});

test('a log that cannot be read is named to all who wait, and asked again the next time', async () => {
  const { database, log, load } = setUp();
  await database.commit('user:ann', ...events(1));
  log.failure = new Error('disk I/O error');
  expect(await Promise.all([load('user:ann', 1), load('user:ann', 1)])).toEqual([log.failure, log.failure]);
  log.failure = 'not even an error';
  expect(await load('user:ann', 1)).toEqual(new Error('not even an error'));
  log.failure = undefined;
  expect(await load('user:ann', 1)).toBe('ready');
});
