import { expect, test } from 'vitest';
import { HeadTimes } from './head-times.ts';

test('each number came with the first move that reached it', () => {
  const times = new HeadTimes();
  times.note(3, 100);
  times.note(4, 200);
  expect([1, 3, 4, 5].map((seq) => times.of(seq))).toEqual([100, 100, 200, undefined]);
});

test('what everybody has is forgotten', () => {
  const times = new HeadTimes();
  times.note(3, 100);
  times.note(7, 200);
  expect(times.forget(3)).toBe(false);
  expect(times.of(4)).toBe(200);
  expect(times.forget(7)).toBe(true);
  expect(times.of(7)).toBeUndefined();
});

test('moves without end take no more memory: the last ones count as one', () => {
  const times = new HeadTimes();
  for (let move = 1; move <= 1_000; move++) times.note(move, move * 10);
  expect(times.of(10)).toBe(100);
  expect(times.of(1_000)).toBe(640);
  expect(times.of(1_001)).toBeUndefined();
});
