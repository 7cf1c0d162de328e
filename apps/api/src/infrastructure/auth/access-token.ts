/** Access tokens of our own: JWT, HS256 only, made and verified synchronously. Sources: RFC 7515, RFC 7519. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { RealtimeError } from '@friday/realtime';

/** What a token says. Times in seconds since 1970. */
export interface TokenClaims {
  /** UUID of the user. */
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  /** The user's token generation when it was made; rule P20. */
  readonly gen: number;
  /** From when on it is valid. Ours say nothing of it; another program that has the secret may. */
  readonly nbf?: number;
}

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const SIGNATURE_BYTES = 32;
/** No token of ours comes near; what is longer is not even looked at. */
const MAX_CHARACTERS = 2048;

/** Makes a token. @param secret at least 32 bytes. */
export function signToken(claims: TokenClaims, secret: Buffer): string {
  const content = `${HEADER}.${encode(claims)}`;
  return `${content}.${sign(content, secret).toString('base64url')}`;
}

/** Whether it has the header of ours, which no other issuer's token that is accepted here can have: those are signed otherwise. */
export function isOwnToken(token: string): boolean {
  return token.startsWith(`${HEADER}.`);
}

/**
 * Verifies a token's signature and form; whether it is valid yet and still is the caller's question, because the answer changes.
 * @throws RealtimeError `unauthenticated`: another algorithm, a wrong signature, a claim that is missing or of a wrong type.
 */
export function verifyToken(token: string, secret: Buffer): TokenClaims {
  const [header, payload, signature, ...more] = token.length > MAX_CHARACTERS ? [] : token.split('.');
  // Ours are always written alike, so comparing the text refuses every other algorithm and header.
  if (header !== HEADER || payload === undefined || signature === undefined || more.length > 0) throw invalid();
  const given = Buffer.from(signature, 'base64url');
  // Base64 has several spellings of the same bytes; only the canonical one is taken.
  if (given.length !== SIGNATURE_BYTES || given.toString('base64url') !== signature) throw invalid();
  if (!timingSafeEqual(given, sign(`${header}.${payload}`, secret))) throw invalid();
  return claimsOf(payload);
}

function sign(content: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claimsOf(payload: string): TokenClaims {
  const claims = parseObject(Buffer.from(payload, 'base64url').toString());
  const { sub, exp, iat, gen, nbf } = claims;
  if (typeof sub !== 'string' || !isTime(exp) || !isTime(iat) || !isTime(gen)) throw invalid();
  if (nbf === undefined) return { sub, exp, iat, gen };
  if (!isTime(nbf)) throw invalid();
  return { sub, exp, iat, gen, nbf };
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // What is no JSON has no claims.
    return {};
  }
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function invalid(): RealtimeError {
  return new RealtimeError('unauthenticated', 'Invalid token');
}
