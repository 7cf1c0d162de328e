import { expect, test } from 'vitest';
import { specified, titledRules } from './rules.ts';

const SPECIFICATION = `
# Protocol
- **P1** Connect.
- **P8b** Retention; see P1.
- **P20** Revocation.

## Not yet served
- P20 and **P21**
- C1–C3: no client yet

## Later
- **I1** One transaction.
`;

test('reads which rules are defined and which are exempt', () => {
  const { required, known } = specified(SPECIFICATION);
  expect([...required]).toEqual(['P1', 'P8b', 'I1']);
  expect([...known].sort()).toEqual(['C1', 'C2', 'C3', 'I1', 'P1', 'P20', 'P21', 'P8b']);
});

test('a specification without the section exempts nothing', () => {
  expect([...specified('**P1** and **P2**').required]).toEqual(['P1', 'P2']);
});

test('finds the numbers in titles, and nowhere else', () => {
  const source = [
    "test('[P1][P2] one', () => {});",
    "test.each([1, 2])('[P3] each %s', () => {});",
    'it(`[P8b] a quote \\` within`, () => {});',
    "expect('[P9]').toBe('[P10]');",
    '// [P11]',
  ].join('\n');
  expect([...titledRules(source)]).toEqual(['P1', 'P2', 'P3', 'P8b']);
});
