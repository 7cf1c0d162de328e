import { STATUS_CODES } from 'node:http';
import { expect, test } from 'vitest';
import { errorRegistry } from './error-registry.ts';

test('every code is there once, with a status that HTTP knows', () => {
  const entries = errorRegistry();
  const codes = entries.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).toEqual(
    expect.arrayContaining(['not_found', 'UNAUTHORIZED', 'username_taken', 'NOTE_CONTENT_ERROR', 'INTERNAL_ERROR']),
  );
  for (const { code, status, message, retryable } of entries) {
    expect([code, STATUS_CODES[status]]).toEqual([code, expect.any(String)]);
    expect(message).not.toBe('');
    if (retryable) expect([429, 500, 503]).toContain(status);
  }
});
