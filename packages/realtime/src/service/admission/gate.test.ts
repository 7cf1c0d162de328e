import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { RealtimeError } from '../../domain/errors.ts';
import { Gate } from './gate.ts';

function opened(settings: Partial<{ maxUnderway: number; maxWaiting: number; deadlineMs: number }> = {}) {
  const clock = new ManualClock();
  return { clock, gate: new Gate({ clock, maxUnderway: 4, maxWaiting: 100, deadlineMs: 1_000, ...settings }) };
}

/** A task that ends when it is told to. */
function task(log: number[], id: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = () => {
    log.push(id);
    return promise;
  };
  return { run, end: resolve };
}

test('tasks start at once while there is room, the rest in their order', async () => {
  const { clock, gate } = opened({ maxUnderway: 2 });
  const log: number[] = [];
  const tasks = [1, 2, 3, 4].map((id) => task(log, id));
  const done = tasks.map(({ run }) => gate.run(run));
  expect(log).toEqual([1, 2]);
  expect(gate.waiting).toBe(2);
  tasks[0]?.end();
  await done[0];
  clock.settle();
  expect(log).toEqual([1, 2, 3]);
  for (const { end } of tasks) end();
  await Promise.all(done.slice(0, 3));
  clock.settle();
  await done[3];
  expect(log).toEqual([1, 2, 3, 4]);
  expect(gate.waiting).toBe(0);
});

test('one turn of the loop starts four, however short they are', async () => {
  const { clock, gate } = opened({ maxUnderway: 100 });
  const started: number[] = [];
  const all = Array.from({ length: 12 }, (_, id) => gate.run(async () => started.push(id)));
  await Promise.resolve();
  expect(started).toHaveLength(4);
  clock.turn();
  expect(started).toHaveLength(8);
  clock.turn();
  await Promise.all(all);
  expect(started).toEqual(Array.from({ length: 12 }, (_, id) => id));
});

test('who waits past the deadline is turned away with a jittered delay, also when nothing moves', async () => {
  const { clock, gate } = opened({ maxUnderway: 1 });
  const stuck = task([], 0);
  const first = gate.run(stuck.run);
  const refused = gate.run(async () => 1).catch((error: unknown) => error);
  clock.settle();
  clock.advance(999);
  gate.sweep();
  clock.settle();
  expect(gate.waiting).toBe(1);
  clock.advance(1);
  gate.sweep();
  clock.settle();
  const fault = await refused;
  expect(fault).toBeInstanceOf(RealtimeError);
  expect(fault).toMatchObject({ code: 'over_capacity' });
  const delay = fault instanceof RealtimeError ? fault.retryAfterMs : 0;
  expect(delay).toBeGreaterThanOrEqual(1_000);
  expect(delay).toBeLessThan(5_000);
  stuck.end();
  await first;
});

test('a full queue turns the next one away at once', async () => {
  const { clock, gate } = opened({ maxUnderway: 1, maxWaiting: 1 });
  const stuck = task([], 0);
  const all = [gate.run(stuck.run), gate.run(async () => undefined)];
  await expect(gate.run(async () => undefined)).rejects.toMatchObject({ code: 'over_capacity' });
  stuck.end();
  await all[0];
  clock.settle();
  await all[1];
});

test('a task that fails leaves room for the next, and its error is its own', async () => {
  const { clock, gate } = opened({ maxUnderway: 1 });
  const failing = gate.run(() => Promise.reject(new Error('no')));
  const next = gate.run(async () => 'served');
  await expect(failing).rejects.toThrow('no');
  clock.settle();
  await expect(next).resolves.toBe('served');
});
