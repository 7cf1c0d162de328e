import type { Authenticator, Clock, Principal } from '../../../src/domain/ports.ts';
import type { Revoked } from '../model/revoked.ts';
import { channelsOf } from './cast.ts';
import type { Subject } from './subject.ts';

export interface TokensDeps {
  readonly subject: Pick<Subject, 'RealtimeError'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly revoked: Revoked;
}

/** What the host would have: tokens with an end and a generation, and who verifies them. */
export class Tokens implements Authenticator {
  readonly #deps: TokensDeps;
  readonly #principals = new Map<string, Principal>();

  constructor(deps: TokensDeps) {
    this.#deps = deps;
  }

  /** A new token. @param ttl milliseconds until it ends. @returns its text, and whom it speaks for. */
  issue(userId: string, ttl: number): { token: string; principal: Principal } {
    const { clock, revoked } = this.#deps;
    const generation = revoked.generation(userId);
    const principal = { userId, channels: channelsOf(userId), expiresAt: clock.now() + ttl, generation };
    const token = `token-${this.#principals.size}`;
    this.#principals.set(token, principal);
    return { token, principal };
  }

  authenticate(token: string): Principal {
    const { subject, clock, revoked } = this.#deps;
    const principal = this.#principals.get(token);
    if (!principal) throw new subject.RealtimeError('unauthenticated');
    if (revoked.ends(principal)) throw new subject.RealtimeError('revoked');
    if (clock.now() >= principal.expiresAt) throw new subject.RealtimeError('token_expired');
    return principal;
  }
}
