/** Tokens of another issuer, over REST and WebSocket. */
import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, encodePart, ISSUER, type Issuer, signedToken, signingKey, startIssuer } from './support/issuer.ts';
import { LiveSocket, openLive } from './support/live-socket.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let issuer: Issuer;
let server: TestServer;

beforeAll(async () => {
  issuer = await startIssuer();
  server = await startTestServer(issuer.environment);
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

const now = () => Math.floor(Date.now() / 1000);
const me = async (token: string) => (await server.request('GET', '/v1/auth/me', { token })).body.data;
const notes = (token: string) => server.request('GET', '/v1/notes', { token });

describe('users', () => {
  test('are made at first sight, and found again', async () => {
    const first = await me(issuer.token('subject-1'));
    expect(first['username']).toMatch(/^user-[a-z]{10}$/);
    expect(await me(issuer.token('subject-1'))).toEqual(first);
    expect((await me(issuer.token('subject-2')))['id']).not.toBe(first['id']);
  });

  test('are made once, however many of their requests come first', async () => {
    const token = issuer.token('many at once');
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await me(token))['id']));
    expect(new Set(ids).size).toBe(1);
  });

  test('are given the name that they go by, where it keeps to the rules and is free', async () => {
    const nameFor = async (subject: string, preferred_username: unknown) =>
      (await me(issuer.token(subject, { claims: { preferred_username } })))['username'];
    expect(await nameFor('ada', 'Ada')).toBe('Ada');
    expect(await nameFor('other ada', 'ADA')).toMatch(/^ADA-[a-z]{10}$/);
    expect(await nameFor('long', 'a'.repeat(50))).toBe('a'.repeat(50));
    expect(await nameFor('longer', 'A'.repeat(50))).toMatch(/^A{39}-[a-z]{10}$/);
    for (const [index, name] of ['admin', 'ab', 'a'.repeat(51)].entries()) {
      expect(await nameFor(`near ${index}`, name), name).toMatch(new RegExp(`^${name.slice(0, 39)}-[a-z]{10}$`));
    }
    for (const [index, name] of ['a@b.example', '1ada', 'a--b', '', 7, null].entries()) {
      expect(await nameFor(`far ${index}`, name), String(name)).toMatch(/^user-[a-z]{10}$/);
    }
  });

  test('have all that others have: notes, and their notifications', async () => {
    const token = issuer.token('writer');
    for (const by of ['frame', 'header', 'subprotocol'] as const) {
      const socket = await openLive(server.url, { token, by });
      await server.request('POST', '/v1/notes', { token, body: { content: 'Buy oat milk' } });
      expect((await socket.first(1))[0]?.type).toBe('note.created');
      await socket.close();
    }
  });

  test('have no secret here', async () => {
    const answer = await server.request('POST', '/v1/auth/rotate-key', { token: issuer.token('no secret') });
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'no_user_secret']);
  });

  test('live beside those who registered here', async () => {
    const own = await server.register();
    expect((await notes(own.token)).status).toBe(200);
  });
});

test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'])('%s is taken', async (alg) => {
  const other = await startIssuer(alg);
  const host = await startTestServer(other.environment);
  const answer = await host.request('GET', '/v1/notes', { token: other.token('anna') });
  expect(answer.status).toBe(200);
  await host.close();
  await other.close();
});

test('audiences may be several, a token not valid just yet or ended just now is within what clocks may differ', async () => {
  expect((await notes(issuer.token('a', { claims: { aud: ['other', AUDIENCE] } }))).status).toBe(200);
  expect((await notes(issuer.token('a', { claims: { nbf: now() + 20, iat: now() + 20 } }))).status).toBe(200);
  const token = issuer.token('a', { claims: { exp: now() - 10 } });
  expect((await notes(token)).status).toBe(200);
  const socket = await openLive(server.url, { token });
  expect(Date.parse(socket.connected.expires_at) / 1000 - now()).toBeGreaterThan(10);
  await socket.close();
});

describe('refused', () => {
  const rsa = signingKey('RS256');
  const { alg: _, ...forAnyAlgorithm } = rsa.jwk;
  const pinned = signingKey('RS256');
  let careful: Issuer;
  let host: TestServer;

  beforeAll(async () => {
    careful = await startIssuer();
    careful.keys = [careful.key, { ...rsa, jwk: forAnyAlgorithm }, pinned];
    host = await startTestServer(careful.environment);
  });
  afterAll(async () => {
    await host.close();
    await careful.close();
  });

  const claims = () => ({ iss: ISSUER, aud: AUDIENCE, sub: 'anna', iat: now(), exp: now() + 600 });
  const withClaims = (changed: Record<string, unknown>) => careful.token('anna', { claims: changed });
  const pem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' });

  /** Signed with HMAC, a published key as the secret: taken by whoever believes the header. */
  function confused(header: object, secret: string | Buffer): string {
    const content = `${encodePart(header)}.${encodePart({ ...claims(), gen: 0 })}`;
    return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
  }
  const HS256 = { alg: 'HS256', kid: rsa.kid, typ: 'JWT' };

  test('but a token by each of the published keys is not', async () => {
    const tokens = [careful.token('anna'), careful.token('anna', { key: rsa }), careful.token('anna', { key: pinned })];
    tokens.push(careful.token('anna', { key: { ...rsa, alg: 'PS256' } }));
    for (const token of tokens) expect((await host.request('GET', '/v1/notes', { token })).status).toBe(200);
  });

  test.each<[string, () => string]>([
    ['a forged signature', () => careful.token('anna', { key: { ...signingKey('ES256'), kid: careful.key.kid } })],
    ['an unknown key', () => careful.token('anna', { key: signingKey('ES256') })],
    ['a changed payload', () => careful.token('anna').replace(/\.[^.]+\./, `.${encodePart({ ...claims(), sub: 'berta' })}.`)],
    ['a cut signature', () => careful.token('anna').slice(0, -2)],
    ['no signature', () => careful.token('anna').replace(/[^.]+$/, '')],
    ['two parts', () => careful.token('anna').split('.').slice(0, 2).join('.')],
    ['alg none', () => `${encodePart({ alg: 'none' })}.${encodePart(claims())}.`],
    ['alg None, with a key', () => `${encodePart({ alg: 'None', kid: careful.key.kid })}.${encodePart(claims())}.`],
    ['HS256 by the public key as PEM', () => confused(HS256, pem)],
    ['HS256 by the public key as JSON', () => confused(HS256, JSON.stringify(rsa.jwk))],
    ['HS256 by the public key, as one of our own', () => confused({ alg: 'HS256', typ: 'JWT' }, pem)],
    ["an algorithm that is not the key's", () => careful.token('anna', { key: { ...pinned, alg: 'PS256' } })],
    ['no kid, where several keys would do', () => signedToken({ alg: 'RS256' }, claims(), rsa)],
    ['a critical header that nobody knows', () => careful.token('anna', { header: { crit: ['x'], x: 1 } })],
    ['claims that are no object', () => signedToken({ alg: 'ES256', kid: careful.key.kid }, [1], careful.key)],
    ['another issuer', () => withClaims({ iss: 'https://other.example' })],
    ['an issuer in another case', () => withClaims({ iss: ISSUER.toUpperCase() })],
    ['no issuer', () => withClaims({ iss: undefined })],
    ['another audience', () => withClaims({ aud: 'other' })],
    ['no audience', () => withClaims({ aud: undefined })],
    ['no exp', () => withClaims({ exp: undefined })],
    ['an exp that is text', () => withClaims({ exp: String(now() + 60) })],
    ['an endless exp', () => withClaims({ exp: 1e300 })],
    ['no iat', () => withClaims({ iat: undefined })],
    ['an iat in the future', () => withClaims({ iat: now() + 60 })],
    ['an nbf in the future', () => withClaims({ nbf: now() + 60 })],
    ['no sub', () => withClaims({ sub: undefined })],
    ['an empty sub', () => withClaims({ sub: '' })],
    ['a sub that is a number', () => withClaims({ sub: 7 })],
    ['a sub of 256 characters', () => withClaims({ sub: 'x'.repeat(256) })],
    ['a sub with a control character', () => withClaims({ sub: 'anna\u0000' })],
    ['half a character in its sub', () => withClaims({ sub: 'anna\ud800' })],
    ['ten thousand characters', () => withClaims({ x: 'x'.repeat(10_000) })],
  ])('%s', async (_name, make) => {
    const token = make();
    const rest = await host.request('GET', '/v1/notes', { token });
    expect([rest.status, rest.body.error?.code, rest.body.detail]).toEqual([401, 'token_invalid', 'Invalid token']);
    const upgrade = await host.request('GET', '/v1/ws', { token });
    expect([upgrade.status, upgrade.body.error?.code]).toEqual([401, 'unauthenticated']);
    const socket = new LiveSocket(host.url, { token });
    expect(await socket.closed).toEqual({ code: 4001, reason: 'unauthenticated' });
  });

  test('one that has expired is told so', async () => {
    const token = withClaims({ exp: now() - 31 });
    const rest = await host.request('GET', '/v1/notes', { token });
    expect([rest.status, rest.body.error?.code]).toEqual([401, 'token_expired']);
    const socket = new LiveSocket(host.url, { token });
    expect(await socket.closed).toEqual({ code: 4001, reason: 'token_expired' });
  });
});

describe('while the issuer is down', () => {
  let down: Issuer;
  let host: TestServer;

  beforeAll(async () => {
    down = await startIssuer();
    down.answer = (_request, response) => response.writeHead(503).end();
    host = await startTestServer(down.environment);
  });
  afterAll(async () => {
    await host.close();
    await down.close();
  });

  test('its tokens are put off, which is no fault of theirs', async () => {
    const token = down.token('anna');
    const rest = await host.request('GET', '/v1/notes', { token });
    expect([rest.status, rest.body.error?.code, rest.headers.get('retry-after')]).toEqual([503, 'issuer_unavailable', '10']);
    expect(rest.text).not.toContain(new URL(down.url).host);
    const upgrade = await host.request('GET', '/v1/ws', { token });
    expect([upgrade.status, upgrade.headers.get('retry-after')]).toEqual([503, '10']);
    const socket = new LiveSocket(host.url, { token });
    expect((await socket.closed).code).toBe(4201);
    expect(socket.frames).toMatchObject([{ type: 'reconnect' }]);
    expect(host.log()).toContain("the issuer's keys could not be fetched");
  });

  test('tokens of our own are as good as ever', async () => {
    const { token } = await host.register();
    expect((await host.request('GET', '/v1/notes', { token })).status).toBe(200);
    const socket = await openLive(host.url, { token });
    await socket.close();
  });
});

test('neither the log nor the database holds a token', async () => {
  const token = issuer.token('secretive');
  await me(token);
  await notes(issuer.token('secretive', { claims: { aud: 'other' } }));
  const rows = server.storage.reader.all<object>('SELECT * FROM users');
  for (const part of token.split('.').slice(1)) {
    expect(server.log()).not.toContain(part);
    expect(JSON.stringify(rows)).not.toContain(part);
  }
});
