import { expect, test } from 'vitest';
import { KeyedBuckets, TokenBucket } from './token-bucket.ts';

test('a bucket gives its burst at once, then tells when the next token comes', () => {
  const bucket = new TokenBucket();
  const take = (now: number) => bucket.take({ perSecond: 2, burst: 3 }, now);
  expect([take(0), take(0), take(0)]).toEqual([0, 0, 0]);
  expect(take(0)).toBe(500);
  expect(take(499)).toBe(1);
  expect(take(500)).toBe(0);
  expect(take(500)).toBe(500);
});

test('a bucket never holds more than its burst', () => {
  const bucket = new TokenBucket();
  const take = (now: number) => bucket.take({ perSecond: 10, burst: 2 }, now);
  expect([take(60_000), take(60_000)]).toEqual([0, 0]);
  expect(take(60_000)).toBe(100);
});

test('keys have buckets of their own, and full ones are forgotten', () => {
  const buckets = new KeyedBuckets({ perSecond: 1, burst: 1 });
  expect(buckets.take('a', 0)).toBe(0);
  expect(buckets.take('a', 0)).toBe(1000);
  expect(buckets.take('b', 500)).toBe(0);
  expect(buckets.size).toBe(2);
  buckets.sweep(1000);
  expect(buckets.size).toBe(1);
  buckets.sweep(1500);
  expect(buckets.size).toBe(0);
});
