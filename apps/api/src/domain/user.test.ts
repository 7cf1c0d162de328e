import { expect, test } from 'vitest';
import { checkUsername, type ForeignClaims, isRevoked, isUsername, revokeTokens, type User } from './user.ts';

const USER: User = {
  id: 'user-id',
  username: 'anna',
  keyId: 'key-id',
  secretHash: '',
  tokenGeneration: 0,
  createdAt: 0,
  updatedAt: 0,
};

const madeAt = (issuedAt: number): ForeignClaims => ({
  issuer: 'https://issuer.example',
  subject: 'anna',
  issuedAt,
  expiresAt: issuedAt + 1000,
  preferredName: undefined,
});

test.each(['abc', 'Anna_b-3', 'a'.repeat(50), 'a123b456'])('%s is a name', (name) => {
  expect(isUsername(name)).toBe(true);
  expect(() => checkUsername(name)).not.toThrow();
});

test.each(['', 'ab', 'a'.repeat(51), 'an na', 'annä', 'anna\n', '1abc', 'a__b', 'a1234', 'Root'])('%j is none', (name) => {
  expect(isUsername(name)).toBe(false);
});

test('[P20] tokens of another issuer are void up to the moment of the revocation', () => {
  expect(isRevoked(USER, madeAt(0))).toBe(false);
  const revoked = revokeTokens(USER, 5000);
  expect(revoked.tokenGeneration).toBe(1);
  expect(isRevoked(revoked, madeAt(5000))).toBe(true);
  expect(isRevoked(revoked, madeAt(5001))).toBe(false);
});

test('[P20] a clock that was set back makes no token good again', () => {
  const revoked = revokeTokens(revokeTokens(USER, 5000), 3000);
  expect(isRevoked(revoked, madeAt(5000))).toBe(true);
  expect(revoked.tokenGeneration).toBe(2);
});
