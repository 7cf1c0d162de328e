import { expect, test } from 'vitest';
import { USER_SECRETS } from './user-secret.ts';

test('a secret is its key and 256 random bits; what is kept of it cannot be turned back', () => {
  const { userSecret, secretHash } = USER_SECRETS.make('key');
  expect(userSecret).toMatch(/^key\.[A-Za-z0-9_-]{43}$/);
  expect(secretHash).toMatch(/^[0-9a-f]{64}$/);
  expect(USER_SECRETS.make('key').userSecret).not.toBe(userSecret);
  expect(USER_SECRETS.keyOf(userSecret)).toBe('key');
  expect(USER_SECRETS.matches(userSecret, secretHash)).toBe(true);
});

test('nothing else matches it', () => {
  const { userSecret, secretHash } = USER_SECRETS.make('key');
  expect(USER_SECRETS.matches(`${userSecret}x`, secretHash)).toBe(false);
  expect(USER_SECRETS.matches('key.', secretHash)).toBe(false);
  expect(USER_SECRETS.matches(userSecret, undefined)).toBe(false);
  expect(USER_SECRETS.matches(userSecret, '0'.repeat(64))).toBe(false);
});

test('a text without a dot names no key; one that starts with it names an empty one', () => {
  expect(USER_SECRETS.keyOf('nodot')).toBeUndefined();
  expect(USER_SECRETS.keyOf('.secret')).toBe('');
});
