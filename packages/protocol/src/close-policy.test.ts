import { expect, test } from 'vitest';
import { CLOSE_RANGES, closePolicy } from './close-policy.ts';

test('each range has its policy from end to end', () => {
  const at = (...codes: number[]) => codes.map(closePolicy);
  expect(new Set(at(4000, 4002, 4004, 4099))).toEqual(new Set(['stop_with_error']));
  expect(new Set(at(4001, 4003))).toEqual(new Set(['new_token']));
  expect(new Set(at(4100, 4150, 4199))).toEqual(new Set(['backoff']));
  expect(new Set(at(4200, 4250, 4299))).toEqual(new Set(['at_once']));
  expect(closePolicy(1000)).toBe('stop');
  expect(new Set(at(1001, 1006, 1011, 1012, 1013))).toEqual(new Set(['backoff']));
  expect(new Set(at(1002, 1003, 1007, 1008, 1009, 1010))).toEqual(new Set(['stop_with_error']));
});

test('a code that no range names brings the client back', () => {
  for (const code of [0, 1004, 1005, 1014, 1015, 2999, 3000, 3999, 4300, 4999]) expect(closePolicy(code)).toBe('backoff');
});

test('ranges are not turned round', () => {
  for (const { from, to } of CLOSE_RANGES) expect(from).toBeLessThanOrEqual(to);
});
