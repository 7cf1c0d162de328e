/** Another issuer of tokens: real keys, and a real server that publishes them. */
import { constants, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'friday';

/** A private key, and what is published of it. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** What a test wants of a token that is not as usual. */
export interface TokenParts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: SigningKey;
}

export interface Issuer {
  readonly url: string;
  /** The variables of a server that accepts its tokens. */
  readonly environment: Readonly<Record<string, string>>;
  readonly key: SigningKey;
  /** Keys that it publishes. */
  keys: readonly SigningKey[];
  /** Answers in place of the key set, where it is set. */
  answer: RequestListener | undefined;
  /** How often it was asked for its keys. */
  readonly asked: number;
  /** A token that was made now for ten minutes, for that subject. */
  token(subject: string, parts?: TokenParts): string;
  close(): Promise<void>;
}

let keysMade = 0;

/** A new key for an algorithm of RFC 7518 or RFC 8037. */
export function signingKey(alg: string, bits = 2048): SigningKey {
  keysMade += 1;
  const kid = `key-${keysMade}`;
  const { privateKey, publicKey } = keyPair(alg, bits);
  return { alg, kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

function keyPair(alg: string, bits: number): { privateKey: KeyObject; publicKey: KeyObject } {
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519');
  if (alg.startsWith('ES')) return generateKeyPairSync('ec', { namedCurve: alg === 'ES384' ? 'P-384' : 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength: bits });
}

/** A signed token, whatever its header and claims say. */
export function signedToken(header: object, claims: unknown, { alg, privateKey }: SigningKey): string {
  const content = `${encodePart(header)}.${encodePart(claims)}`;
  const hash = alg.startsWith('Ed') ? null : `sha${alg.slice(2)}`;
  const key = {
    key: privateKey,
    ...(alg.startsWith('ES') && { dsaEncoding: 'ieee-p1363' as const }),
    ...(alg.startsWith('PS') && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  };
  return `${content}.${signBytes(hash, Buffer.from(content), key).toString('base64url')}`;
}

/** One part of a token. */
export function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Starts one with a key of that algorithm. */
export async function startIssuer(alg = 'ES256'): Promise<Issuer> {
  const key = signingKey(alg);
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (issuer.answer) issuer.answer(request, response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const issuer: Issuer = {
    url,
    environment: { FRIDAY_JWKS_URL: url, FRIDAY_JWT_ISSUER: ISSUER, FRIDAY_JWT_AUDIENCE: AUDIENCE },
    key,
    keys: [key],
    answer: undefined,
    get asked() {
      return asked;
    },
    token: (subject, parts = {}) => sign(subject, { key, ...parts }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}

function sign(subject: string, { key, claims = {}, header = {} }: TokenParts & { readonly key: SigningKey }): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: ISSUER, aud: AUDIENCE, sub: subject, iat: now, exp: now + 600 };
  return signedToken({ alg: key.alg, kid: key.kid, ...header }, { ...usual, ...claims }, key);
}
