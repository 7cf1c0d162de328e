import { checkServerMessage } from '@friday/protocol';
import { expect, test } from 'vitest';
import { readFrames } from '../../../test/support/frames.ts';
import type { LogEntry } from '../../domain/ports.ts';
import { CHUNK_SPAN, Chunk, chunkIndex } from './chunk.ts';

function entry(seq: number, fill = 0): LogEntry {
  const json = JSON.stringify({ type: 'test.event', data: 'x'.repeat(fill) });
  return { channel: 'user:ann', seq, tag: `tag-${seq}`, time: Date.UTC(2026, 2, 1, 10, 0, 0, 125), json };
}

function chunkOf(first: number, count: number, fill = 0): Chunk {
  const chunk = new Chunk(first);
  for (let seq = first; seq < first + count; seq++) chunk.append(entry(seq, fill));
  return chunk;
}

const ALL = Number.POSITIVE_INFINITY;

function numbers(bytes: Buffer): unknown[] {
  return readFrames(bytes).frames.map(({ payload }) => JSON.parse(payload.toString()).seq);
}

test('chunks start at 1, 129, 257 and so on', () => {
  expect([1, CHUNK_SPAN, CHUNK_SPAN + 1, 2 * CHUNK_SPAN + 1].map(chunkIndex)).toEqual([0, 0, 1, 2]);
});

test('[P6][P14] a frame has its place: the name of its channel and no more, number, cursor and time', () => {
  const [frame] = readFrames(chunkOf(1, 1).slice(0, ALL)?.bytes ?? Buffer.alloc(0)).frames;
  const message = JSON.parse(frame?.payload.toString() ?? '');
  expect(message).toEqual({
    type: 'test.event',
    data: '',
    channel: 'user',
    seq: 1,
    cursor: 'user.1.tag-1',
    time: '2026-03-01T10:00:00.125Z',
  });
  expect(checkServerMessage(message).kind).toBe('notification');
});

test('a slice holds what follows a cursor, and says where it leaves the reader', () => {
  const slice = chunkOf(129, 5).slice(130, ALL);
  expect(numbers(slice?.bytes ?? Buffer.alloc(0))).toEqual([131, 132, 133]);
  expect(slice).toMatchObject({ seq: 133, tag: 'tag-133' });
});

test('[I6] equal cursors get the same buffer', () => {
  const chunk = chunkOf(1, 10);
  expect(chunk.slice(4, ALL)).toBe(chunk.slice(4, ALL));
});

test('a slice takes as many frames as the budget allows, and none that is cut', () => {
  const chunk = chunkOf(1, 3);
  const one = chunk.slice(2, ALL)?.bytes.length ?? 0;
  expect(chunk.slice(0, 3 * one)?.seq).toBe(3);
  expect(chunk.slice(0, 3 * one - 1)?.seq).toBe(2);
  expect(chunk.slice(0, one)?.seq).toBe(1);
  expect(chunk.slice(0, one - 1)).toBeUndefined();
});

test('there is no slice before the first frame or behind the last', () => {
  const chunk = chunkOf(10, 2);
  expect(chunk.slice(8, ALL)).toBeUndefined();
  expect(chunk.slice(9, ALL)?.seq).toBe(11);
  expect(chunk.slice(11, ALL)).toBeUndefined();
  expect(chunk.next).toBe(12);
});

test('slices keep their bytes when the chunk grows', () => {
  const chunk = chunkOf(1, 2);
  const slice = chunk.slice(0, ALL);
  const before = Buffer.from(slice?.bytes ?? []);
  for (let seq = 3; seq <= CHUNK_SPAN; seq++) chunk.append(entry(seq, 2_000));
  expect(slice?.bytes.equals(before)).toBe(true);
  expect(numbers(chunk.slice(0, ALL)?.bytes ?? Buffer.alloc(0))).toHaveLength(CHUNK_SPAN);
  expect(chunk.bytes).toBeGreaterThanOrEqual(126 * 2_000);
});
