/** Keys of another issuer: when they are asked for, and what happens while they cannot be had. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AUDIENCE, ISSUER, type Issuer, signingKey, startIssuer } from '../../../test/support/issuer.ts';
import { ForeignTokens } from './foreign-tokens.ts';

const MINUTE = 60_000;
let issuer: Issuer;
let tokens: ForeignTokens;
let warnings: string[];

beforeEach(async () => {
  // Time alone is ours: it is what the library looks at, too.
  vi.useFakeTimers({ toFake: ['Date'] });
  issuer = await startIssuer();
  warnings = [];
  tokens = new ForeignTokens({
    jwksUrl: issuer.url,
    issuer: ISSUER,
    audience: AUDIENCE,
    clock: { now: () => Date.now() },
    logger: { warn: (_fields, message) => void warnings.push(message) },
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await issuer.close();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const refusal = (token: string) =>
  tokens.verify(token).then(
    () => 'none',
    (error: { code: string }) => error.code,
  );

/** Answers with that status and body. */
const answer =
  (status: number, body = '') =>
  (_request: unknown, response: ServerResponse) =>
    response.writeHead(status).end(body);

test('its keys are asked for once, at the first token', async () => {
  expect(issuer.asked).toBe(0);
  const claims = await Promise.all(['a', 'b', 'c'].map((subject) => tokens.verify(issuer.token(subject))));
  expect(claims.map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
  expect(issuer.asked).toBe(1);
});

test('what does not claim to be from there asks nobody', async () => {
  const other = { claims: { iss: 'https://other.example' } };
  for (const token of ['', '.', '..', 'x.y.z', issuer.token('anna', other), `e30.${'x'.repeat(9000)}.x`]) {
    expect(await refusal(token)).toBe('unauthenticated');
  }
  expect(await refusal(issuer.token('anna', { header: { alg: 'HS256' } }))).toBe('unauthenticated');
  expect(issuer.asked).toBe(0);
});

test('a token is not verified again within five minutes, but ends when it ends', async () => {
  const token = issuer.token('anna', { claims: { exp: Math.floor(Date.now() / 1000) + 120 } });
  const { expiresAt } = await tokens.verify(token);
  issuer.keys = [];
  vi.setSystemTime(expiresAt - 1);
  await tokens.verify(token);
  vi.setSystemTime(expiresAt);
  expect(await refusal(token)).toBe('token_expired');
});

test('a new key is found at its first token, though not within half a minute of the last look', async () => {
  await tokens.verify(issuer.token('anna'));
  const key = signingKey('ES256');
  issuer.keys = [issuer.key, key];
  const early = issuer.token('anna', { key });
  for (let attempt = 0; attempt < 20; attempt += 1) expect(await refusal(early)).toBe('unauthenticated');
  expect(issuer.asked).toBe(1);
  pass(31_000);
  await tokens.verify(issuer.token('anna', { key }));
  await tokens.verify(issuer.token('berta', { key }));
  expect(issuer.asked).toBe(2);
});

test('a key that is withdrawn is good for a quarter of an hour at most', async () => {
  const token = issuer.token('anna', { claims: { exp: Math.floor(Date.now() / 1000) + 3600 } });
  await tokens.verify(token);
  issuer.keys = [];
  pass(15 * MINUTE);
  expect(await refusal(token)).toBe('unauthenticated');
});

test.each<[string, (issuer: Issuer) => void]>([
  [
    'answers with a fault',
    (down) => {
      down.answer = answer(500, '{"keys":[]}');
    },
  ],
  [
    'redirects',
    (down) => {
      down.answer = (_request, response) => response.writeHead(302, { location: '/keys' }).end();
    },
  ],
  [
    'answers with what is no JSON',
    (down) => {
      down.answer = answer(200, '<html>');
    },
  ],
  [
    'answers with what is no key set',
    (down) => {
      down.answer = answer(200, '[]');
    },
  ],
  [
    'answers with null',
    (down) => {
      down.answer = answer(200, 'null');
    },
  ],
  [
    'answers without an end',
    (down) => {
      down.answer = (_request, response) => {
        response.on('close', () => response.destroy());
        const more = () => {
          while (response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      };
    },
  ],
  [
    'breaks the connection',
    (down) => {
      down.answer = (request) => request.socket.destroy();
    },
  ],
  [
    'has a key that is none',
    (down) => {
      down.keys = [{ ...down.key, jwk: { ...down.key.jwk, x: 'AA' } }];
    },
  ],
  [
    'has a key that is too short',
    (down) => {
      down.keys = [signingKey('RS256', 1024)];
    },
  ],
])('an issuer that %s is no fault of the token', async (_name, breakIt) => {
  breakIt(issuer);
  const [key = issuer.key] = issuer.keys;
  const fault = tokens.verify(issuer.token('anna', { key }));
  await expect(fault).rejects.toMatchObject({ code: 'server_error', retryAfterMs: 10_000 });
  expect(warnings).not.toEqual([]);
});

test('while it is down, nobody waits for it but once in ten seconds', async () => {
  issuer.answer = answer(503);
  for (let attempt = 0; attempt < 20; attempt += 1) expect(await refusal(issuer.token(`user ${attempt}`))).toBe('server_error');
  expect(issuer.asked).toBe(1);
  issuer.answer = undefined;
  pass(9_999);
  expect(await refusal(issuer.token('anna'))).toBe('server_error');
  pass(1);
  await tokens.verify(issuer.token('anna'));
  expect(issuer.asked).toBe(2);
});

test('while it is down, its last keys are good for an hour', async () => {
  await tokens.verify(issuer.token('anna'));
  issuer.answer = answer(503);
  pass(59 * MINUTE);
  await tokens.verify(issuer.token('anna'));
  pass(11 * MINUTE);
  expect(await refusal(issuer.token('anna'))).toBe('server_error');
  issuer.answer = undefined;
  pass(10_000);
  await tokens.verify(issuer.token('anna'));
});

test('an issuer that does not answer is given up after five seconds', async () => {
  issuer.answer = () => undefined;
  const start = performance.now();
  expect(await refusal(issuer.token('anna'))).toBe('server_error');
  expect(performance.now() - start).toBeGreaterThan(4_500);
  expect(performance.now() - start).toBeLessThan(8_000);
});
