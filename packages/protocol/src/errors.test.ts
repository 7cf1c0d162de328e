import { describe, expect, test } from 'vitest';
import { closePolicy } from './close-policy.ts';
import { errorBody, isProtocolErrorCode, PROTOCOL_ERROR_CODES, protocolError } from './errors.ts';

describe('the table of errors', () => {
  test('[P4] refuses before the upgrade with no other status than the rule allows', () => {
    const statuses = PROTOCOL_ERROR_CODES.flatMap((code) => protocolError(code).httpStatus ?? []);
    expect([...new Set(statuses)].sort()).toEqual([400, 401, 403, 426, 429, 503]);
  });

  test('asks a client to come back exactly where the policy of the close code does', () => {
    for (const code of PROTOCOL_ERROR_CODES) {
      const { closeCode, retryable } = protocolError(code);
      if (closeCode !== undefined)
        expect([code, ['backoff', 'at_once'].includes(closePolicy(closeCode))]).toEqual([code, retryable]);
    }
  });

  test('says in sentences what is wrong and what to do', () => {
    for (const code of PROTOCOL_ERROR_CODES) {
      const { message, remedy } = protocolError(code);
      expect(message).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('knows its codes from other words', () => {
    expect(isProtocolErrorCode('too_slow')).toBe(true);
    expect(isProtocolErrorCode('toString')).toBe(false);
  });
});

describe('the HTTP body of a fault', () => {
  test('repeats the message as detail', () => {
    expect(errorBody('over_capacity', 'Full.')).toEqual({
      detail: 'Full.',
      data: null,
      message: 'Full.',
      error: { code: 'over_capacity', message: 'Full.' },
    });
  });

  test('takes a richer detail', () => {
    expect(errorBody('x', 'Bad.', [{ loc: ['body'] }]).detail).toEqual([{ loc: ['body'] }]);
  });
});
