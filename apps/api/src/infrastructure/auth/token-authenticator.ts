import { type Authenticator, BROADCAST_CHANNEL, type Principal, RealtimeError, userChannel } from '@friday/realtime';
import type { Clock, TokenIssuer, UserRepository } from '../../domain/ports.ts';
import type { User } from '../../domain/user.ts';
import { signToken, type TokenClaims, verifyToken } from './access-token.ts';

/** The users that tokens are checked against. */
type UserReader = Pick<UserRepository<never>, 'find'>;

/** Verified tokens that are kept, so that a client's next requests cost no second HMAC. */
const KEPT_TOKENS = 20_000;

export interface TokenAuthenticatorDeps {
  readonly secret: Buffer;
  readonly users: UserReader;
  readonly clock: Clock;
  /** How long a new token is valid. */
  readonly tokenMinutes: number;
}

/** Issues access tokens, and tells whose a token is. */
export class TokenAuthenticator implements Authenticator, TokenIssuer {
  readonly #deps: TokenAuthenticatorDeps;
  readonly #verified = new Map<string, TokenClaims>();

  constructor(deps: TokenAuthenticatorDeps) {
    this.#deps = deps;
  }

  issue(user: User): string {
    const iat = Math.floor(this.#deps.clock.now() / 1000);
    const claims = { sub: user.id, exp: iat + this.#deps.tokenMinutes * 60, iat, gen: user.tokenGeneration };
    return signToken(claims, this.#deps.secret);
  }

  /** @throws RealtimeError `unauthenticated` (its message says whether the token or the user is wanting), `token_expired`, `revoked`. */
  async authenticate(token: string): Promise<Principal> {
    const claims = this.#claims(token);
    const expiresAt = claims.exp * 1000;
    if (expiresAt <= this.#deps.clock.now()) {
      this.#verified.delete(token);
      throw new RealtimeError('token_expired', 'Token has expired');
    }
    const user = await this.#deps.users.find(claims.sub);
    if (!user) throw new RealtimeError('unauthenticated', 'User not found');
    if (user.tokenGeneration !== claims.gen) throw new RealtimeError('revoked', 'Token has been revoked');
    return { userId: user.id, channels: [userChannel(user.id), BROADCAST_CHANNEL], expiresAt };
  }

  #claims(token: string): TokenClaims {
    const known = this.#verified.get(token);
    if (known) return known;
    const claims = verifyToken(token, this.#deps.secret);
    if (this.#verified.size >= KEPT_TOKENS) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(token, claims);
    return claims;
  }
}
