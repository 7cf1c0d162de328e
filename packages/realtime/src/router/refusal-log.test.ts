import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { RecordingLogger } from '../../test/support/recording-logger.ts';
import { RefusalLog } from './refusal-log.ts';

function setUp() {
  const [logger, clock] = [new RecordingLogger(), new ManualClock()];
  return { logger, clock, log: new RefusalLog({ logger, clock }) };
}

test('a few refusals have a line each, and no timer is left', () => {
  const { logger, clock, log } = setUp();
  for (const address of ['a', 'b', 'a']) log.refused(address, 'unauthenticated');
  expect(logger.lines.map(({ fields }) => fields['address'])).toEqual(['a', 'b', 'a']);
  clock.advance(1_000);
  expect(logger.lines).toHaveLength(3);
  expect(clock.timers).toBe(0);
});

test('a flood has a few lines, and one a second and code that says how many more there were, and from where', () => {
  const { logger, clock, log } = setUp();
  for (let second = 0; second < 3; second += 1) {
    for (let count = 0; count < 1_000; count += 1) log.refused(count % 10 === 0 ? 'often' : `once-${count}`, 'rate_limited');
    log.refused('other', 'over_capacity');
    clock.advance(1_000);
  }
  expect(logger.of('connection refused')).toHaveLength(3 * 6);
  const [summary, ...rest] = logger.of('more connections refused');
  expect(rest).toHaveLength(2);
  expect(summary).toMatchObject({ level: 'info', fields: { code: 'rate_limited', more: 995, most: { often: 99 } } });
  expect(Object.keys(Object(summary?.fields['most']))).toHaveLength(5);
});

test('addresses without number cost memory with a bound', () => {
  const { logger, clock, log } = setUp();
  for (let count = 0; count < 50_000; count += 1) log.refused(`address-${count}`, 'rate_limited');
  for (let count = 0; count < 10; count += 1) log.refused('address-7', 'rate_limited');
  clock.advance(1_000);
  expect(logger.of('more connections refused')).toMatchObject([{ fields: { more: 50_005, most: { 'address-7': 11 } } }]);
});
