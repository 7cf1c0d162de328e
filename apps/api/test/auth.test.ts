/** Registration, tokens, and who is asking. Source: REST specification, section "Auth". */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

const SECRET = 'a secret of at least thirty-two bytes, for tests';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
let server: TestServer;
let user: Registered;

beforeAll(async () => {
  server = await startTestServer({ FRIDAY_JWT_SECRET: SECRET });
  user = await server.register();
});
afterAll(() => server.close());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

const HEADER: object = { alg: 'HS256', typ: 'JWT' };

function forge(claims: unknown, { header = HEADER, secret = SECRET, hash = 'sha256' } = {}): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

function forgeText(claims: string): string {
  const content = `${encode(HEADER)}.${Buffer.from(claims).toString('base64url')}`;
  return `${content}.${createHmac('sha256', SECRET).update(content).digest('base64url')}`;
}

describe('registration', () => {
  const register = (username: unknown) => server.request('POST', '/v1/auth/register', { body: { username } });

  test('gives a user and the secret, which is shown only here', async () => {
    const answer = await register('Anna_b-3');
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      data: {
        id: expect.stringMatching(UUID),
        username: 'Anna_b-3',
        key_id: expect.stringMatching(UUID),
        user_secret: expect.any(String),
        created_at: expect.stringMatching(TIME),
        updated_at: answer.body.data['created_at'],
      },
      message: 'User registered successfully',
      error: null,
    });
    const { key_id: keyId, user_secret: secret } = answer.body.data;
    expect(secret).toMatch(new RegExp(`^${keyId}\\.[A-Za-z0-9_-]{43}$`));
    expect(Object.keys(answer.body.data)[0]).toBe('id');
  });

  test.each(['abc', 'a'.repeat(50), 'user1', 'user', 'test', 'a_-b', 'a123b456', 'admins'])('%s is a name', async (name) => {
    expect((await register(name)).status).toBe(201);
  });

  test.each([
    ['1abc', 'Username must start with a letter'],
    ['_abc', 'Username must start with a letter'],
    ['-abc', 'Username must start with a letter'],
    ['a__b', 'Username cannot contain consecutive special characters'],
    ['a--b', 'Username cannot contain consecutive special characters'],
    ['abc1000', 'Username cannot contain more than 3 consecutive numbers'],
    ['abc12345', 'Username cannot contain more than 3 consecutive numbers'],
    ['admin', 'This username is reserved'],
    ['RooT', 'This username is reserved'],
    ['SYSTEM', 'This username is reserved'],
  ])('%s is none: %s', async (name, message) => {
    const answer = await register(name);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ detail: message, data: null, message });
  });

  test.each([
    ['ab', 'string_too_short', { min_length: 3 }],
    ['', 'string_too_short', { min_length: 3 }],
    ['a'.repeat(51), 'string_too_long', { max_length: 50 }],
    ['an na', 'string_pattern_mismatch', { pattern: '^[a-zA-Z0-9_-]+$' }],
    ['annä', 'string_pattern_mismatch', { pattern: '^[a-zA-Z0-9_-]+$' }],
    ['anna\n', 'string_pattern_mismatch', { pattern: '^[a-zA-Z0-9_-]+$' }],
  ])('%j is no text of the right form', async (name, type, ctx) => {
    const answer = await register(name);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type, loc: ['body', 'username'], input: name, ctx }]);
  });

  test.each([1, null, true, ['anna'], { a: 1 }])('%j is no text', async (name) => {
    expect((await register(name)).body.detail).toEqual([
      { type: 'string_type', loc: ['body', 'username'], msg: 'Input should be a valid string', input: name },
    ]);
  });

  test('a name is needed', async () => {
    const answer = await server.request('POST', '/v1/auth/register', { body: { name: 'anna' } });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toEqual([
      { type: 'missing', loc: ['body', 'username'], msg: 'Field required', input: { name: 'anna' } },
    ]);
  });

  test('a name is taken in any case of its letters', async () => {
    await register('Berta');
    const answer = await register('bERTA');
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toBe('Username already exists');
  });

  test('of many who want a name at once, one gets it', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => register('wanted')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(9);
  });
});

describe('tokens', () => {
  const exchange = (userSecret: unknown) => server.request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });

  test('are given for the secret', async () => {
    const answer = await exchange(user.userSecret);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: { access_token: expect.any(String), token_type: 'bearer' },
      message: 'Login successful',
      error: null,
    });
    const [header, payload] = String(answer.body.data['access_token'])
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'JWT' });
    const claims = JSON.parse(payload ?? '');
    expect(claims).toMatchObject({ sub: user.id, gen: 0 });
    expect(claims.exp - claims.iat).toBe(30 * 60);
    expect(Math.abs(claims.iat - now())).toBeLessThanOrEqual(2);
  });

  test.each(['', 'nodot', 'x'.repeat(5000)])('a text without a dot has not the form of a secret (%#)', async (text) => {
    const answer = await exchange(text);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.body.detail).toBe('Invalid API key format');
  });

  test('an unknown key and a wrong secret are answered alike', async () => {
    const [keyId = '', secret = ''] = user.userSecret.split('.');
    const wrong = [
      `${keyId}.`,
      `${keyId}.x`,
      `.${secret}`,
      '.',
      `${user.id}.${secret}`,
      `${user.userSecret}x`,
      `${keyId}.${secret}.`,
    ];
    const answers = await Promise.all(wrong.map(exchange));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.body.detail).toBe('Invalid API key');
      expect(answer.text).toBe(answers[0]?.text);
    }
  });

  test.each([null, 1, ['secret'], { secret: 'secret' }])('%j is no text, and is not sent back', async (value) => {
    const answer = await exchange(value);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'string_type', loc: ['body', 'user_secret'], input: null }]);
    expect(answer.text).not.toContain('secret"}');
  });

  test('a secret under a wrong name, or in no object, is not sent back', async () => {
    const misspelt = await server.request('POST', '/v1/auth/token', { body: { secret: user.userSecret } });
    expect(misspelt.body.detail).toEqual([{ type: 'missing', loc: ['body', 'user_secret'], msg: 'Field required', input: {} }]);
    const bare = await server.request('POST', '/v1/auth/token', { body: JSON.stringify(user.userSecret) });
    expect(bare.status).toBe(422);
    expect(bare.text).not.toContain(user.userSecret);
    const form = await server.request('POST', '/v1/auth/token', {
      body: `user_secret=${user.userSecret}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(422);
    expect(form.text).not.toContain(user.userSecret);
  });
});

describe('who is asking', () => {
  const me = (authorization?: string) =>
    server.request('GET', '/v1/auth/me', { headers: authorization === undefined ? {} : { authorization } });
  const notes = (authorization: string) => server.request('GET', '/v1/notes', { headers: { authorization } });

  test('the user, without the key', async () => {
    const answer = await me(`Bearer ${user.token}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: {
        id: user.id,
        username: expect.any(String),
        created_at: expect.stringMatching(TIME),
        updated_at: expect.stringMatching(TIME),
      },
      message: 'Current user retrieved successfully',
      error: null,
    });
  });

  test.each(['bearer', 'BEARER', 'Bearer '])('the scheme %s is taken', async (scheme) => {
    expect((await me(`${scheme} ${user.token}`)).status).toBe(200);
  });

  test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Token x', 'Bearer a b'])(
    '%j is no token',
    async (authorization) => {
      const answer = await me(authorization);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.body.detail).toBe('Not authenticated');
      const other = await notes(authorization ?? '');
      expect(other.status).toBe(401);
      expect(other.headers.get('www-authenticate')).toBeNull();
      expect(other.body.error?.code).toBe('UNAUTHORIZED');
    },
  );

  const good = () => ({ sub: user.id, exp: now() + 60, iat: now(), gen: 0 });
  test.each<[string, () => string]>([
    ['garbage', () => 'garbage'],
    ['three empty parts', () => '..'],
    ['a cut signature', () => user.token.slice(0, -1)],
    ['a longer signature', () => `${user.token}A`],
    ['a fourth part', () => `${user.token}.`],
    ['no signature', () => `${user.token.split('.').slice(0, 2).join('.')}.`],
    ['another secret', () => forge(good(), { secret: 'x'.repeat(40) })],
    ['alg none', () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(good())}.`],
    ['alg None, signed', () => forge(good(), { header: { alg: 'None', typ: 'JWT' } })],
    ['alg HS512', () => forge(good(), { header: { alg: 'HS512', typ: 'JWT' }, hash: 'sha512' })],
    ['alg RS256', () => forge(good(), { header: { alg: 'RS256', typ: 'JWT' } })],
    ['a key in the header', () => forge(good(), { header: { alg: 'HS256', typ: 'JWT', jwk: { k: '' } } })],
    ['no exp', () => forge({ sub: user.id, iat: now(), gen: 0 })],
    ['an exp that is text', () => forge({ ...good(), exp: String(now() + 60) })],
    ['an endless exp', () => forge({ ...good(), exp: 1e300 })],
    ['no sub', () => forge({ ...good(), sub: undefined })],
    ['no gen', () => forge({ ...good(), gen: undefined })],
    ['claims that are no object', () => forge([1])],
    ['claims that are no JSON', () => forgeText('{')],
    ['claims that are null', () => forge(null)],
    ['another spelling of the signature', () => user.token.replace(/-/g, '+').replace(/_/g, '/').concat('=')],
    ['ten thousand characters', () => 'x'.repeat(10_000)],
  ])('a token with %s is refused', async (_name, make) => {
    const token = make();
    const answer = await me(`Bearer ${token}`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.body.detail).toBe('Could not validate credentials');
    const other = await notes(`Bearer ${token}`);
    expect(other.status).toBe(401);
    expect(other.body.detail).toBe('Invalid token');
  });

  test('a token that we signed ourselves passes', async () => {
    expect((await me(`Bearer ${forge(good())}`)).status).toBe(200);
  });

  test('an expired token is told from a wrong one', async () => {
    for (const path of ['/v1/auth/me', '/v1/notes']) {
      const answer = await server.request('GET', path, { token: forge({ ...good(), exp: now() }) });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.body).toMatchObject({ detail: 'Token has expired', error: { code: 'token_expired' } });
    }
  });

  test('a user who is gone is not let in', async () => {
    const token = forge({ ...good(), sub: '7b1c4f8e-0000-4000-8000-000000000000' });
    for (const path of ['/v1/auth/me', '/v1/notes']) {
      const answer = await server.request('GET', path, { token });
      expect([answer.status, answer.body.detail]).toEqual([401, 'User not found']);
    }
  });

  test('[P20] a token of an earlier generation is revoked', async () => {
    const other = await server.register();
    expect((await server.request('GET', '/v1/notes', { token: other.token })).status).toBe(200);
    server.storage.writer.run('UPDATE users SET token_generation = 1 WHERE id = ?', [other.id]);
    const answer = await server.request('GET', '/v1/notes', { token: other.token });
    expect(answer.status).toBe(401);
    expect(answer.body.error?.code).toBe('revoked');
    const again = await server.request('POST', '/v1/auth/token', { body: { user_secret: other.userSecret } });
    const token = String(again.body.data['access_token']);
    expect((await server.request('GET', '/v1/notes', { token })).status).toBe(200);
  });
});

test('neither the log nor the database holds a secret or a token', async () => {
  const columns = server.storage.reader.all<object>('SELECT * FROM users', []);
  const secret = user.userSecret.split('.')[1] ?? 'x';
  expect(JSON.stringify(columns)).not.toContain(secret);
  const log = server.log();
  expect(log).toContain('"path":"/v1/auth/token"');
  for (const text of [secret, user.token, user.token.split('.')[2] ?? 'x', 'user_secret', 'Bearer'])
    expect(log).not.toContain(text);
});
