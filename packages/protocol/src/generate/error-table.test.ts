import { expect, test } from 'vitest';
import { PROTOCOL_ERROR_CODES } from '../errors.ts';
import { renderCloseCodes, renderProtocolErrors } from './error-table.ts';

test('the table of errors has one line for each code', () => {
  const lines = renderProtocolErrors().trimEnd().split('\n');
  expect(lines.slice(2).map((line) => line.split('`')[1])).toEqual(PROTOCOL_ERROR_CODES);
  expect(lines.find((line) => line.includes('`rate_limited`'))?.replace(/ +/g, ' ')).toBe(
    '| `rate_limited` | Too many requests. | 429 | 4102 | yes | Come back with backoff, not before Retry-After or after_ms. |',
  );
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});

test('the table of close codes joins the errors of one code', () => {
  expect(renderCloseCodes().replace(/ +/g, ' ')).toContain('| 4001 | `token_expired`, `unauthenticated` | `new_token` |\n');
});
