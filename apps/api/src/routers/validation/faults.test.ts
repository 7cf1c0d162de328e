import { expect, test } from 'vitest';
import { Faults } from './faults.ts';

function shown(input: unknown): unknown {
  const faults = new Faults();
  faults.add({ type: 't', loc: ['body'], msg: 'm', input });
  return faults.list[0]?.input;
}

test.each([1, 'text', true, null, [1], { a: { b: 1 } }])('%j is shown as it is', (input) => {
  expect(shown(input)).toEqual(input);
});

test('long, wide and deep values are cut', () => {
  expect(shown('x'.repeat(101))).toBe(`${'x'.repeat(100)}…`);
  expect(shown(Array(50).fill(0))).toEqual(Array(10).fill(0));
  expect(shown(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${'k'.repeat(200)}${index}`, index])))).toEqual({
    [`${'k'.repeat(100)}…`]: 9,
  });
  expect(shown({ a: [{ b: 1 }, [], 1] })).toEqual({ a: ['…', '…', 1] });
});

test('what JSON has no form for is shown all the same', () => {
  expect(shown(Number.POSITIVE_INFINITY)).toBe('Infinity');
  expect(shown(undefined)).toBeNull();
});

test('keys that mean something to the language are keys', () => {
  expect(JSON.stringify(shown(JSON.parse('{"__proto__":{"a":1}}')))).toBe('{"__proto__":{"a":1}}');
});

test('keys come in the order that clients know', () => {
  const faults = new Faults();
  faults.add({ ctx: { a: 1 }, input: 1, msg: 'm', loc: [], type: 't' });
  expect(Object.keys(faults.list[0] ?? {})).toEqual(['type', 'loc', 'msg', 'input', 'ctx']);
});
