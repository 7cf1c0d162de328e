import { expect, test } from 'vitest';
import type { LogEntry } from '../../domain/ports.ts';
import { CHUNK_SPAN } from './chunk.ts';
import { FrameCache } from './frame-cache.ts';

const ALL = Number.POSITIVE_INFINITY;
const ROOM = 1024 * 1024;

function entries(channel: string, from: number, to: number, fill = 0): LogEntry[] {
  const json = JSON.stringify({ type: 'test.event', data: 'x'.repeat(fill) });
  return Array.from({ length: to - from + 1 }, (_, index) => ({ channel, seq: from + index, tag: 't', time: 0, json }));
}

function appendAll(cache: FrameCache, all: readonly LogEntry[]): void {
  for (const entry of all) cache.append(entry);
}

test('frames that were appended are found, up to the end of their chunk', () => {
  const cache = new FrameCache(ROOM);
  appendAll(cache, entries('user:ann', 1, CHUNK_SPAN + 2));
  expect(cache.slice('user:ann', 0, ALL)?.seq).toBe(CHUNK_SPAN);
  expect(cache.slice('user:ann', CHUNK_SPAN, ALL)?.seq).toBe(CHUNK_SPAN + 2);
  expect(cache.slice('user:ann', CHUNK_SPAN + 2, ALL)).toBeUndefined();
  expect(cache.slice('user:bob', 0, ALL)).toBeUndefined();
  expect([1, CHUNK_SPAN + 2, CHUNK_SPAN + 3].map((seq) => cache.has('user:ann', seq))).toEqual([true, true, false]);
});

test('[I5] a frame that does not follow the cached ones starts its chunk anew: no gap is ever served', () => {
  const cache = new FrameCache(ROOM);
  appendAll(cache, [...entries('user:ann', 1, 3), ...entries('user:ann', 6, 7)]);
  expect(cache.slice('user:ann', 2, ALL)).toBeUndefined();
  expect(cache.slice('user:ann', 3, ALL)).toBeUndefined();
  expect(cache.slice('user:ann', 5, ALL)?.seq).toBe(7);
});

test('a frame that is there already is not taken twice', () => {
  const cache = new FrameCache(ROOM);
  appendAll(cache, [...entries('user:ann', 1, 3), ...entries('user:ann', 2, 2)]);
  expect(cache.slice('user:ann', 0, ALL)?.seq).toBe(3);
});

test('rows from the log fill a chunk, unless what is there reaches as far', () => {
  const cache = new FrameCache(ROOM);
  appendAll(cache, entries('user:ann', 5, 6));
  cache.fill(entries('user:ann', 1, 6));
  expect(cache.slice('user:ann', 0, ALL)?.seq).toBe(6);
  appendAll(cache, entries('user:ann', 7, 7));
  cache.fill(entries('user:ann', 1, 6));
  expect(cache.slice('user:ann', 0, ALL)?.seq).toBe(7);
  cache.fill([]);
  expect(cache.has('user:ann', 7)).toBe(true);
});

test('[I5] all channels together stay within their bytes: the chunk that was used longest ago goes first', () => {
  const cache = new FrameCache(ROOM);
  for (let user = 0; user < 100; user++) {
    appendAll(cache, entries(`user:${user}`, 1, 20, 1_000));
    cache.slice('user:0', 0, ALL);
    expect(cache.bytes).toBeLessThanOrEqual(ROOM);
  }
  expect(cache.has('user:0', 1)).toBe(true);
  expect(cache.has('user:1', 1)).toBe(false);
  expect(cache.has('user:99', 20)).toBe(true);
});

test('the newest chunk stays, however large: its reader gets on', () => {
  const cache = new FrameCache(4_096);
  appendAll(cache, entries('user:ann', 1, 1));
  appendAll(cache, entries('user:bob', 1, 10, 10_000));
  expect(cache.slice('user:bob', 0, ALL)?.seq).toBe(10);
  expect(cache.has('user:ann', 1)).toBe(false);
  expect(cache.bytes).toBeGreaterThan(4_096);
});
