import { expect, test } from 'vitest';
import { until, within } from '../../test/support/until.ts';
import { systemClock } from './system-clock.ts';

test("the machine's time, and a time that only rises", () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
});

test('deferred work runs after the present turn', async () => {
  let ran = false;
  const done = new Promise<void>((resolve) => {
    systemClock.defer(() => {
      ran = true;
      resolve();
    });
  });
  await Promise.resolve();
  expect(ran).toBe(false);
  await within('the deferred work', done);
});

test('what is to run soon runs after the promises of this event, and before the next event', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    systemClock.defer(() => {
      systemClock.defer(() => {
        order.push('next event');
        resolve();
      });
      systemClock.soon(() => order.push('soon'));
      void (async () => {
        for (let step = 1; step <= 5; step++) await Promise.resolve();
        order.push('promises');
      })();
    });
  });
  expect(order).toEqual(['promises', 'soon', 'next event']);
});

test('a timer runs until it is stopped', async () => {
  let runs = 0;
  const stop = systemClock.every(1, () => runs++);
  await until('three runs', () => runs >= 3);
  stop();
  const before = runs;
  let others = 0;
  const stopOther = systemClock.every(1, () => others++);
  await until('three runs of another timer', () => others >= 3);
  stopOther();
  expect(runs).toBe(before);
});
