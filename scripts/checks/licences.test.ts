import { expect, test } from 'vitest';
import { allowed } from './licences.ts';

test.each(['MIT', '(MIT OR GPL-3.0-only)', 'MIT AND ISC', '(MIT AND BSD-3-Clause)', 'GPL-2.0-only OR Apache-2.0'])(
  'allows %s',
  (expression) => {
    expect(allowed(expression)).toBe(true);
  },
);

test.each(['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'UNLICENSED', 'none', ''])('refuses %s', (expression) => {
  expect(allowed(expression)).toBe(false);
});
