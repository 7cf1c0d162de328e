import { type Authenticator, BROADCAST_CHANNEL, type Principal, RealtimeError, userChannel } from '@friday/realtime';
import type { Clock, IdentityDirectory, TokenIssuer, UserRepository } from '../../domain/ports.ts';
import type { User } from '../../domain/user.ts';
import { isOwnToken, signToken, type TokenClaims, verifyToken } from './access-token.ts';
import type { ForeignTokens } from './foreign-tokens.ts';
import { RecentMap } from './recent-map.ts';

/** The users that tokens are checked against. */
type UserReader = Pick<UserRepository<never>, 'generationOf'>;

/** Verified tokens that are kept, so that a client's next requests cost no second HMAC. */
const KEPT_TOKENS = 20_000;

export interface TokenAuthenticatorDeps {
  readonly secret: Buffer;
  readonly users: UserReader;
  readonly clock: Clock;
  /** How long a new token is valid. */
  readonly tokenMinutes: number;
  /** Another issuer whose tokens are accepted beside our own. */
  readonly foreign?: { readonly tokens: ForeignTokens; readonly identities: IdentityDirectory } | undefined;
}

/**
 * Issues access tokens, and tells whose a token is. What is remembered of a token is what its signature covers; the user is looked up
 * each time, so a revocation holds from the first request after its commit.
 */
export class TokenAuthenticator implements Authenticator, TokenIssuer {
  readonly #deps: TokenAuthenticatorDeps;
  readonly #verified = new RecentMap<TokenClaims>(KEPT_TOKENS);

  constructor(deps: TokenAuthenticatorDeps) {
    this.#deps = deps;
  }

  issue(user: User): string {
    const iat = Math.floor(this.#deps.clock.now() / 1000);
    const claims = { sub: user.id, exp: iat + this.#deps.tokenMinutes * 60, iat, gen: user.tokenGeneration };
    return signToken(claims, this.#deps.secret);
  }

  /**
   * @throws RealtimeError `unauthenticated` (its message says whether the token or the user is wanting), `token_expired`, `revoked`, and
   * `server_error` when the keys of another issuer cannot be had.
   */
  async authenticate(token: string): Promise<Principal> {
    const { foreign } = this.#deps;
    return foreign && !isOwnToken(token) ? this.#authenticateForeign(token, foreign) : this.#authenticateOwn(token);
  }

  async #authenticateOwn(token: string): Promise<Principal> {
    const claims = this.#claims(token);
    const expiresAt = claims.exp * 1000;
    const now = this.#deps.clock.now();
    if (claims.nbf !== undefined && claims.nbf * 1000 > now) throw new RealtimeError('unauthenticated', 'Invalid token');
    if (expiresAt <= now) {
      this.#verified.delete(token);
      throw new RealtimeError('token_expired', 'Token has expired');
    }
    const tokenGeneration = await this.#deps.users.generationOf(claims.sub);
    if (tokenGeneration === undefined) throw unknownUser();
    if (tokenGeneration !== claims.gen) throw revoked();
    return principalOf({ id: claims.sub, tokenGeneration }, expiresAt);
  }

  async #authenticateForeign(
    token: string,
    { tokens, identities }: NonNullable<TokenAuthenticatorDeps['foreign']>,
  ): Promise<Principal> {
    const claims = await tokens.verify(token);
    const user = await identities.userOf(claims);
    if (user === 'revoked') throw revoked();
    if (user === 'unknown') throw unknownUser();
    return principalOf(user, claims.expiresAt);
  }

  #claims(token: string): TokenClaims {
    const known = this.#verified.get(token);
    if (known) return known;
    const claims = verifyToken(token, this.#deps.secret);
    this.#verified.set(token, claims);
    return claims;
  }
}

function principalOf({ id, tokenGeneration }: Pick<User, 'id' | 'tokenGeneration'>, expiresAt: number): Principal {
  return { userId: id, channels: [userChannel(id), BROADCAST_CHANNEL], expiresAt, generation: tokenGeneration };
}

function unknownUser(): RealtimeError {
  return new RealtimeError('unauthenticated', 'User not found');
}

function revoked(): RealtimeError {
  return new RealtimeError('revoked', 'Token has been revoked');
}
