import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

test('first in, first out', () => {
  const queue = new Fifo<number>();
  expect([queue.size, queue.first, queue.shift()]).toEqual([0, undefined, undefined]);
  for (const item of [1, 2, 3]) queue.push(item);
  expect([queue.size, queue.first, queue.shift(), queue.shift()]).toEqual([3, 1, 1, 2]);
  queue.push(4);
  expect([queue.shift(), queue.shift(), queue.shift(), queue.size]).toEqual([3, 4, undefined, 0]);
});

test('who has been taken is let go of, though somebody always waits', () => {
  const queue = new Fifo<number>();
  queue.push(0);
  for (let next = 1; next <= 100_000; next++) {
    queue.push(next);
    expect(queue.shift()).toBe(next - 1);
  }
  expect(queue.size).toBe(1);
  expect(queue.held).toBeLessThan(2_000);
});
