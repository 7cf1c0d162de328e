/** The tokens of the tests' hosts: a principal in base64url. Whoever can write one is believed. */
import { BROADCAST_CHANNEL, userChannel } from '../../src/domain/channel.ts';
import { RealtimeError } from '../../src/domain/errors.ts';
import type { Authenticator, Clock, Principal } from '../../src/domain/ports.ts';

export interface TokenOptions {
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly channels?: readonly string[];
  readonly revoked?: boolean;
}

/** A token of a user; it ends in the year 2100. */
export function tokenOf(userId: string, options: TokenOptions = {}): string {
  const { expiresAt = Date.UTC(2100, 0), channels = [userChannel(userId), BROADCAST_CHANNEL], revoked = false } = options;
  return Buffer.from(JSON.stringify({ userId, channels, expiresAt, revoked })).toString('base64url');
}

/** Believes {@link tokenOf}, until the token ends. */
export function tokenAuthenticator(clock: Pick<Clock, 'now'>): Authenticator {
  return { authenticate: (token) => readToken(token, clock.now()) };
}

function readToken(token: string, now: number): Principal {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('{')) throw new RealtimeError('unauthenticated');
  const read: Principal & { readonly revoked: boolean } = JSON.parse(text);
  if (read.revoked) throw new RealtimeError('revoked');
  if (read.expiresAt <= now) throw new RealtimeError('token_expired');
  return read;
}
