/** Tokens that a server must not believe, made by someone who knows how tokens are made. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

/** A claim set, or whatever stands in its place. */
type Claims = Readonly<Record<string, unknown>>;

export const OWN_HEADER = { alg: 'HS256', typ: 'JWT' };

/** One part of a token. */
export function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs with HMAC, whatever the header says. @param hash `sha256` and so on. */
export function hmacToken(header: object, claims: unknown, secret: string | Buffer, hash = 'sha256'): string {
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

/** A forger's token, and the code with which it is refused. */
export type Forgery = readonly [what: string, token: string, code: 'unauthenticated' | 'token_expired' | 'revoked'];

export interface Genuine {
  /** A token that is good. */
  readonly token: string;
  /** Of its user. */
  readonly userSecret: string;
  /** Of the server: forgers who have it show what is checked besides the signature. */
  readonly signingSecret: string;
  /** A user other than the token's. */
  readonly otherUserId: string;
}

/** Forgeries of all kinds. */
export function forgeries(genuine: Genuine): readonly Forgery[] {
  return [...signatures(genuine), ...algorithms(genuine), ...forms(genuine), ...claims(genuine)];
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

function signatures({ token, otherUserId }: Genuine): Forgery[] {
  const [header, payload, signature = ''] = token.split('.');
  const own = claimsOf(token);
  return [
    ['a secret of the forger', hmacToken(OWN_HEADER, own, 'a secret of the forger that is long enough'), 'unauthenticated'],
    ['an empty secret', hmacToken(OWN_HEADER, own, ''), 'unauthenticated'],
    ["another user's id, the signature kept", `${header}.${part({ ...own, sub: otherUserId })}.${signature}`, 'unauthenticated'],
    ['a later end, the signature kept', `${header}.${part({ ...own, exp: 4e9 })}.${signature}`, 'unauthenticated'],
    ['a signature without its last byte', `${header}.${payload}.${shortened(signature)}`, 'unauthenticated'],
    ['no signature', `${header}.${payload}.`, 'unauthenticated'],
    ['two parts', `${header}.${payload}`, 'unauthenticated'],
    ['a token cut in the middle', token.slice(0, token.length / 2), 'unauthenticated'],
    ['a fourth part', `${token}.${signature}`, 'unauthenticated'],
    ['a token twice', `${token}${token}`, 'unauthenticated'],
  ];
}

function shortened(signature: string): string {
  return Buffer.from(signature, 'base64url').subarray(0, -1).toString('base64url');
}

function algorithms({ token, signingSecret }: Genuine): Forgery[] {
  const own = claimsOf(token);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const content = `${part({ alg: 'RS256', typ: 'JWT', jwk })}.${part(own)}`;
  const none = ['none', 'None', 'NONE', 'nOnE', ''].map(
    (alg): Forgery => [`alg: '${alg}'`, `${part({ alg, typ: 'JWT' })}.${part(own)}.`, 'unauthenticated'],
  );
  const signed = (header: object, hash?: string) => hmacToken(header, own, signingSecret, hash);
  return [
    ...none,
    ['alg: none with a signature', signed({ alg: 'none', typ: 'JWT' }), 'unauthenticated'],
    ['HS384 with the right secret', signed({ alg: 'HS384', typ: 'JWT' }, 'sha384'), 'unauthenticated'],
    ['HS512 with the right secret', signed({ alg: 'HS512', typ: 'JWT' }, 'sha512'), 'unauthenticated'],
    ['HS512 under the name HS256', signed(OWN_HEADER, 'sha512'), 'unauthenticated'],
    ['HS256 under the name RS256', signed({ alg: 'RS256', typ: 'JWT' }), 'unauthenticated'],
    [
      'a key of its own in the header',
      `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`,
      'unauthenticated',
    ],
    ['a kid that is a path', signed({ ...OWN_HEADER, kid: '../../../../dev/null' }), 'unauthenticated'],
    ['a kid that is SQL', signed({ ...OWN_HEADER, kid: "' UNION SELECT 'x" }), 'unauthenticated'],
    ['a critical extension', signed({ ...OWN_HEADER, crit: ['exp'] }), 'unauthenticated'],
  ];
}

function forms({ token, userSecret }: Genuine): Forgery[] {
  const texts: ReadonlyArray<readonly [string, string]> = [
    ['the user secret', userSecret],
    ['one letter', 'x'],
    ['dots', '..'],
    ['many dots', '.'.repeat(1_000)],
    ['eight thousand letters', 'x'.repeat(8_000)],
    ['SQL', "'OR'1'='1'--"],
    ['a prototype', '__proto__'],
    ['five parts, as encrypted tokens have', `${token}.x.y`],
  ];
  return texts.map(([what, text]): Forgery => [what, text, 'unauthenticated']);
}

function claims({ token, signingSecret }: Genuine): Forgery[] {
  const own = claimsOf(token);
  const now = Math.floor(Date.now() / 1000);
  const signed = (changed: Claims) => hmacToken(OWN_HEADER, { ...own, ...changed }, signingSecret);
  const wrong: ReadonlyArray<readonly [string, unknown]> = [
    ['no object', hmacToken(OWN_HEADER, [own], signingSecret)],
    ['a user who is none', signed({ sub: '00000000-0000-4000-8000-000000000000' })],
    ['a user who is a list', signed({ sub: [own['sub']] })],
    ['a user who is SQL', signed({ sub: "' OR 1=1 --" })],
    ['no user', signed({ sub: undefined })],
    ['no end', signed({ exp: undefined })],
    ['an end that is text', signed({ exp: String(own['exp']) })],
    [
      'an end beyond all numbers',
      hmacToken(OWN_HEADER, own, signingSecret).replace(/\.[^.]+\./, `.${Buffer.from('{"exp":1e999}').toString('base64url')}.`),
    ],
    ['not yet valid', signed({ nbf: now + 600 })],
    ['valid from some day on', signed({ nbf: 'some day' })],
  ];
  return [
    ...wrong.map(([what, text]): Forgery => [`claims: ${what}`, String(text), 'unauthenticated']),
    ['claims: ended a second ago', signed({ exp: now - 1 }), 'token_expired'],
    ['claims: ended before there were tokens', signed({ exp: -1 }), 'token_expired'],
    ['claims: an earlier generation', signed({ gen: -1 }), 'revoked'],
    ['claims: a later generation', signed({ gen: 7 }), 'revoked'],
  ];
}
