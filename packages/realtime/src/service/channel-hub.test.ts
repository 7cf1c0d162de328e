import { expect, test } from 'vitest';
import { GatedLog } from '../../test/support/gated-log.ts';
import { ManualClock, START } from '../../test/support/manual-clock.ts';
import { RecordingLogger } from '../../test/support/recording-logger.ts';
import { event, openTestLog, type TestLog } from '../../test/support/test-log.ts';
import { NO_METRICS } from '../domain/metrics.ts';
import { ChannelHub } from './channel-hub.ts';

interface Setup {
  readonly database: TestLog;
  readonly log: GatedLog;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  readonly hub: ChannelHub;
  /** Channels whose head moved, with the head. */
  readonly advanced: Array<readonly [key: string, head: number]>;
}

function setUp(): Setup {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  const log = new GatedLog(database.log);
  const logger = new RecordingLogger();
  const advanced: Array<readonly [string, number]> = [];
  const hub = new ChannelHub({
    log,
    clock,
    logger,
    metrics: NO_METRICS,
    onAdvance: ({ key, head }) => void advanced.push([key, head]),
  });
  return { database, log, clock, logger, hub, advanced };
}

test('a channel is kept as long as somebody needs it', () => {
  const { hub } = setUp();
  const channel = hub.acquire('user:ann');
  expect(hub.acquire('user:ann')).toBe(channel);
  expect(channel).toMatchObject({ key: 'user:ann', name: 'user', head: 0 });
  hub.release(channel);
  expect(hub.follows('user:ann')).toBe(true);
  hub.release(channel);
  expect(hub.follows('user:ann')).toBe(false);
});

test('[I4] a wake-up only raises a head: doubled, late and foreign ones do nothing', () => {
  const { hub, advanced } = setUp();
  hub.acquire('user:ann');
  for (const [channel, seq] of [
    ['user:ann', 2],
    ['user:ann', 2],
    ['user:ann', 1],
    ['user:bob', 9],
    ['user:ann', 4],
  ] as const) {
    hub.wake({ channel, seq });
  }
  expect(advanced).toEqual([
    ['user:ann', 2],
    ['user:ann', 4],
  ]);
});

test('[I4] a reconcile pass finds what changed in the last minute, though no wake-up came', async () => {
  const { database, log, hub, advanced } = setUp();
  hub.acquire('user:ann');
  await database.commit('user:ann', event(1));
  await database.commit('user:bob', event(1));
  await hub.reconcile();
  expect(advanced).toEqual([['user:ann', 1]]);
  await hub.reconcile();
  expect(advanced).toHaveLength(1);
  expect(log.headsAsked).toEqual([]);
});

test('[I4] after a broker came back one pass compares all channels, in slices', async () => {
  const { database, log, hub, advanced } = setUp();
  for (let user = 0; user < 1_100; user++) hub.acquire(`user:${user}`);
  await database.commit('user:1099', event(1));
  hub.requestFullPass();
  await hub.reconcile();
  expect(advanced).toEqual([['user:1099', 1]]);
  expect(log.headsAsked.map((keys) => keys.length)).toEqual([500, 500, 100]);
  await hub.reconcile();
  expect(log.headsAsked).toHaveLength(3);
});

test.each([
  ['the process slept', (clock: ManualClock) => clock.stall(120_000)],
  ['the clock was set forth', (clock: ManualClock) => clock.setWall(START + 3_600_000)],
])('[I4] when %s, the next pass compares all channels', async (_what, happen) => {
  const { database, clock, log, hub, advanced } = setUp();
  hub.acquire('user:ann');
  await database.commit('user:ann', event(1));
  happen(clock);
  await hub.reconcile();
  expect(advanced).toEqual([['user:ann', 1]]);
  expect(log.headsAsked).toEqual([['user:ann']]);
  await hub.reconcile();
  expect(log.headsAsked).toHaveLength(1);
});

test('[I4] a commit that two steps of the clock hid from the passes is found within ten minutes', async () => {
  const { database, clock, hub, advanced } = setUp();
  hub.acquire('user:ann');
  clock.setWall(START - 40_000);
  await database.commit('user:ann', event(1));
  clock.setWall(START + 25_000);
  await hub.reconcile();
  expect(advanced).toEqual([]);
  for (let second = 0; second < 600; second += 20) {
    clock.stall(20_000);
    await hub.reconcile();
  }
  expect(advanced).toEqual([['user:ann', 1]]);
});

test('[I4] a pass that fails is logged, and the next one compares all channels', async () => {
  const { database, log, logger, hub, advanced } = setUp();
  hub.acquire('user:ann');
  await database.commit('user:ann', event(1));
  log.failure = new Error('disk I/O error');
  await hub.reconcile();
  expect(logger.lines).toMatchObject([{ level: 'error', message: 'reconcile pass failed', fields: { err: log.failure } }]);
  log.failure = undefined;
  await hub.reconcile();
  expect(advanced).toEqual([['user:ann', 1]]);
  expect(log.headsAsked).toEqual([['user:ann']]);
});

test('[I4] a head that was raised too far is asked of the log; where that fails, the next pass does', async () => {
  const { database, log, logger, hub, advanced } = setUp();
  const channel = hub.acquire('user:ann');
  await hub.correct(channel);
  expect(log.headsAsked).toEqual([]);
  await database.commit('user:ann', event(1));
  hub.wake({ channel: 'user:ann', seq: 9 });
  await hub.correct(channel);
  expect(channel.head).toBe(1);
  hub.wake({ channel: 'user:ann', seq: 9 });
  log.failure = new Error('disk I/O error');
  await hub.correct(channel);
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { err: log.failure, channel: 'user:ann' } }]);
  expect(channel.head).toBe(0);
  log.failure = undefined;
  await hub.reconcile();
  expect(advanced.map(([, head]) => head)).toEqual([9, 1, 9, 1]);
});

test('passes do not overlap', async () => {
  const { log, hub } = setUp();
  hub.acquire('user:ann');
  hub.requestFullPass();
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  const first = hub.reconcile();
  await hub.reconcile();
  resolve();
  await first;
  expect(log.headsAsked).toHaveLength(1);
});
