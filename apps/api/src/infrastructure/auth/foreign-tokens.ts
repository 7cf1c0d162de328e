/** Access tokens of another issuer: JWTs (RFC 7519) that are signed with a key of its key set. Source also: RFC 8725. */
import { createHash } from 'node:crypto';
import { RealtimeError } from '@friday/realtime';
import { createRemoteJWKSet, customFetch, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../../domain/ports.ts';
import type { ForeignClaims } from '../../domain/user.ts';
import { KeySetSource, type WarningLog } from './key-set-source.ts';
import { RecentMap } from './recent-map.ts';

/** Signatures with a public key only: with HS256 among them, whoever knows the public key could sign. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];
/** How far the issuer's clock and ours may be apart. */
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_CHARACTERS = 8192;
/** Without control characters and halves of characters, which a database might take for others. Length: OpenID Connect Core, 2. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
/** The last moment that a Date can be, in seconds. */
const LAST_SECOND = 8.64e12;
const KEPT_TOKENS = 20_000;
/** For so long a token that was verified is not verified again: a key that its issuer has withdrawn is then asked for anew. */
const KEPT_MS = 5 * 60_000;
const RETRY_AFTER_MS = 10_000;

/** Whose tokens are accepted. */
export interface IssuerOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  /** What tokens must be made for. */
  readonly audience: string;
}

export interface ForeignTokensDeps extends IssuerOptions {
  readonly clock: Clock;
  readonly logger: WarningLog;
}

interface Kept {
  readonly claims: ForeignClaims;
  readonly until: number;
}

/** The key set is out of reach, or one of its keys cannot be read. */
class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Verifies the tokens of one issuer. */
export class ForeignTokens {
  readonly #deps: ForeignTokensDeps;
  readonly #keys: JWTVerifyGetKey;
  readonly #verified = new RecentMap<Kept>(KEPT_TOKENS);

  constructor(deps: ForeignTokensDeps) {
    this.#deps = deps;
    const source = new KeySetSource(deps);
    const keys = createRemoteJWKSet(new URL(deps.jwksUrl), { [customFetch]: source.fetch });
    this.#keys = async (header, token) => {
      try {
        return await keys(header, token);
      } catch (error) {
        if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
        throw new KeysUnavailable('The keys cannot be used.', { cause: error });
      }
    };
  }

  /**
   * What a token says, once its signature, times, issuer and audience are found good. Asks the issuer for its keys only where the token
   * names that issuer and a key that is not known.
   * @throws RealtimeError `unauthenticated`, `token_expired`, or `server_error` when the keys cannot be had.
   */
  async verify(token: string): Promise<ForeignClaims> {
    const key = createHash('sha256').update(token).digest('base64url');
    const now = this.#deps.clock.now();
    const kept = this.#verified.get(key);
    if (kept && now < kept.until) return kept.claims;
    if (token.length > MAX_CHARACTERS || issuerOf(token) !== this.#deps.issuer) throw invalid();
    const claims = await this.#verify(token, now);
    this.#verified.set(key, { claims, until: Math.min(now + KEPT_MS, claims.expiresAt) });
    return claims;
  }

  async #verify(token: string, now: number): Promise<ForeignClaims> {
    const { issuer, audience } = this.#deps;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'iat', 'sub'],
        currentDate: new Date(now),
      });
      return readClaims(payload, issuer, now);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #fault(cause: unknown): RealtimeError {
    if (cause instanceof RealtimeError) return cause;
    if (cause instanceof errors.JWTExpired) return new RealtimeError('token_expired', 'Token has expired', { cause });
    if (cause instanceof errors.JOSEError) return invalid(cause);
    // Nothing that the bearer could help: no keys, or one that is too short.
    this.#deps.logger.warn({ err: cause }, "a token could not be verified with its issuer's keys");
    const message = "The keys of the token's issuer cannot be used now";
    return new RealtimeError('server_error', message, { retryAfterMs: RETRY_AFTER_MS, cause });
  }
}

/** What a token says of its issuer, believed only to know whom to ask. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    // What is no token has no issuer.
    return undefined;
  }
}

function readClaims(payload: JWTPayload, issuer: string, now: number): ForeignClaims {
  const { sub = '', iat = Number.NaN, exp = Number.NaN, preferred_username: name } = payload;
  // Types are as the issuer pleases: the pattern alone would take a number for text.
  const named = typeof sub === 'string' && SUBJECT.test(sub);
  // A token from the future could not be revoked: revocations say "made until now".
  const made = iat * 1000 <= now + CLOCK_TOLERANCE_SECONDS * 1000;
  if (!named || !made || !(exp < LAST_SECOND)) throw invalid();
  return {
    issuer,
    subject: sub,
    issuedAt: iat * 1000,
    expiresAt: (exp + CLOCK_TOLERANCE_SECONDS) * 1000,
    preferredName: typeof name === 'string' ? name : undefined,
  };
}

function invalid(cause?: unknown): RealtimeError {
  return new RealtimeError('unauthenticated', 'Invalid token', { cause });
}
