import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceCases, positionCases } from './generate/position-vectors.ts';
import { LIMITS } from './limits.ts';
import { advancePosition, type Cursor, cursorChannel, formatCursor, formatPosition, parsePosition } from './position.ts';

const cursor: fc.Arbitrary<Cursor> = fc.record({
  channel: fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/),
  seq: fc.maxSafeNat(),
  tag: fc.stringMatching(/^[A-Za-z0-9_-]{1,22}$/),
});
const cursors = fc.uniqueArray(cursor, { minLength: 1, maxLength: LIMITS.channels, selector: ({ channel }) => channel });

describe('[P6] the position', () => {
  test('reads back what it wrote, and is never too long', () => {
    fc.assert(
      fc.property(cursors, (given) => {
        const text = formatPosition(given);
        expect(text.length).toBeLessThanOrEqual(LIMITS.positionCharacters);
        expect(parsePosition(text)).toEqual(given);
      }),
    );
  });

  test('any text is either malformed or the one spelling of what it says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{1,3}\.[0-9]{1,3}\.[a-z]{0,3}~?[a-z.0-9]{0,9}$/)), (text) => {
        const parsed = parsePosition(text);
        expect(parsed === undefined || formatPosition(parsed) === text).toBe(true);
      }),
    );
  });

  test.each(positionCases())('$name', ({ text, cursors: expected }) => {
    expect(parsePosition(text) ?? null).toEqual(expected);
  });

  test('goes through a URL unchanged', () => {
    fc.assert(
      fc.property(cursors, (given) => {
        const text = formatPosition(given);
        expect(encodeURIComponent(text)).toBe(text);
      }),
    );
  });
});

describe('a position of a client', () => {
  test.each(advanceCases())('moves: $name', ({ position, cursor: next, result }) => {
    expect(advancePosition(position, next)).toBe(result);
  });

  test('holds the last cursor of each channel', () => {
    fc.assert(
      fc.property(fc.array(cursor, { minLength: 1 }), (given) => {
        const position = given.map(formatCursor).reduce(advancePosition, '');
        const newest = new Map(given.map((each) => [each.channel, formatCursor(each)]));
        expect(new Map(position.split('~').map((each) => [cursorChannel(each), each]))).toEqual(newest);
      }),
    );
  });

  test('takes a cursor without a dot for a channel alone', () => {
    expect(cursorChannel('user')).toBe('user');
  });
});
