import type { Authenticator, Clock, Principal } from '../../../src/domain/ports.ts';
import type { Revoked } from '../model/revoked.ts';
import { channelsOf } from './cast.ts';
import type { Subject } from './subject.ts';

export interface TokensDeps {
  readonly subject: Pick<Subject, 'RealtimeError'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly revoked: Revoked;
}

/** A token that was given out. */
interface Token {
  readonly principal: Principal;
  /** Told when the process learns whom the token speaks for. */
  readonly onVerified: (() => void) | undefined;
}

/** What the host would have: tokens with an end and a generation, and who verifies them. */
export class Tokens implements Authenticator {
  readonly #deps: TokensDeps;
  readonly #tokens = new Map<string, Token>();
  #held: Array<() => void> = [];
  #holdsLeft = 0;

  constructor(deps: TokensDeps) {
    this.#deps = deps;
  }

  /** Answers that are held back. */
  get held(): number {
    return this.#held.length;
  }

  /** A new token. @param ttl milliseconds until it ends. @returns its text, and whom it speaks for. */
  issue(userId: string, ttl: number, onVerified?: (principal: Principal) => void): { token: string; principal: Principal } {
    const { clock, revoked } = this.#deps;
    const generation = revoked.generation(userId);
    const principal = { userId, channels: channelsOf(userId), expiresAt: clock.now() + ttl, generation };
    const token = `token-${this.#tokens.size}`;
    this.#tokens.set(token, { principal, onVerified: onVerified && (() => onVerified(principal)) });
    return { token, principal };
  }

  /** Holds back the next answers: they tell what was true when they were asked for. */
  hold(count: number): void {
    this.#holdsLeft = count;
  }

  /** Lets all answers go. */
  answer(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  /** The process that asked is gone. */
  reset(): void {
    this.#held = [];
  }

  authenticate(text: string): Principal | Promise<Principal> {
    const { principal, onVerified } = this.#verify(text);
    if (this.#holdsLeft === 0) {
      onVerified?.();
      return principal;
    }
    this.#holdsLeft--;
    const { promise, resolve } = Promise.withResolvers<Principal>();
    this.#held.push(() => {
      onVerified?.();
      resolve(principal);
    });
    return promise;
  }

  #verify(text: string): Token {
    const { subject, clock, revoked } = this.#deps;
    const token = this.#tokens.get(text);
    if (!token) throw new subject.RealtimeError('unauthenticated');
    if (revoked.ends(token.principal)) throw new subject.RealtimeError('revoked');
    if (clock.now() >= token.principal.expiresAt) throw new subject.RealtimeError('token_expired');
    return token;
  }
}
