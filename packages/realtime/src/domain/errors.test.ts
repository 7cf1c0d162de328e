import { expect, test } from 'vitest';
import { RealtimeError } from './errors.ts';

test('a fault has its code, the words of the table, and what else is known', () => {
  const plain = new RealtimeError('revoked');
  expect(plain).toMatchObject({ name: 'RealtimeError', code: 'revoked', message: 'This token has been revoked.' });
  expect('cause' in plain).toBe(false);
  expect(plain.retryAfterMs).toBeUndefined();
  const cause = new Error('no route to host');
  const exact = new RealtimeError('server_error', 'The issuer cannot be asked.', { retryAfterMs: 2_000, cause });
  expect(exact).toMatchObject({ message: 'The issuer cannot be asked.', retryAfterMs: 2_000, cause });
});
