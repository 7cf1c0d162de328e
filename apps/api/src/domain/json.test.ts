import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameJson } from './json.ts';

/** The same value with the keys of all its objects the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, turned(item)]);
  return Object.fromEntries(entries.reverse());
}

test('a value is the same as its copy, whatever the order of keys', () => {
  fc.assert(
    fc.property(
      fc.json().map((text): unknown => JSON.parse(text)),
      (value) => isSameJson(value, turned(value)),
    ),
  );
});

test('values that are written differently are not the same', () => {
  const json = fc.json().map((text): unknown => JSON.parse(text));
  const sorted = (value: unknown) =>
    JSON.stringify(value, (_key, item) => (isObject(item) ? Object.fromEntries(Object.entries(item).toSorted()) : item));
  fc.assert(fc.property(json, json, (a, b) => isSameJson(a, b) === (sorted(a) === sorted(b))));
});

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test.each([
  [[], {}],
  [null, {}],
  [{}, null],
  [1, '1'],
  [[1], [1, 2]],
  [{ a: 1 }, { b: 1 }],
  [{ a: undefined }, { b: undefined }],
])('%j is not %j', (a, b) => {
  expect(isSameJson(a, b)).toBe(false);
});
