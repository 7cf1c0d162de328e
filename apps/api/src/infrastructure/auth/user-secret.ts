import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretKeeper } from '../../domain/ports.ts';

const SECRET_BYTES = 32;
/** Stands in for an unknown key's hash, so that its check takes as long. */
const NO_HASH = '0'.repeat(64);

/**
 * User secrets, `{key_id}.{43 characters of base64url}`: 256 random bits, so a plain SHA-256 is all that has to be kept (a slow
 * hash protects guessable secrets only).
 */
export const USER_SECRETS: SecretKeeper = {
  make(keyId) {
    const userSecret = `${keyId}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
    return { userSecret, secretHash: hash(secretOf(userSecret)) };
  },
  keyOf(userSecret) {
    const dot = userSecret.indexOf('.');
    return dot < 0 ? undefined : userSecret.slice(0, dot);
  },
  matches(userSecret, secretHash) {
    const same = timingSafeEqual(Buffer.from(hash(secretOf(userSecret))), Buffer.from(secretHash ?? NO_HASH));
    return same && secretHash !== undefined;
  },
};

function secretOf(userSecret: string): string {
  return userSecret.slice(userSecret.indexOf('.') + 1);
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
