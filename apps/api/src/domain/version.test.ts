import { expect, test } from 'vitest';
import { offsetOf } from './page.ts';
import { wireTime } from './time.ts';
import { requireVersion } from './version.ts';

test.each([undefined, [3], [1, 3]])('version 3 passes where %j is expected', (expected) => {
  expect(() => requireVersion({ id: 1, version: 3 }, expected)).not.toThrow();
});

test.each([[[]], [[2]], [[2, 4]]])('version 3 is refused where %j is expected', (expected) => {
  expect(() => requireVersion({ id: 1, version: 3 }, expected)).toThrow('its version is 3 now');
});

test('any page has an offset', () => {
  expect(offsetOf({ page: 3, size: 20 })).toBe(40);
  expect(offsetOf({ page: Number.MAX_SAFE_INTEGER, size: 100 })).toBe(Number.MAX_SAFE_INTEGER);
});

test('times have whole seconds, in UTC', () => {
  expect(wireTime(Date.parse('2040-02-29T23:59:59.999+01:00'))).toBe('2040-02-29T22:59:59Z');
});
