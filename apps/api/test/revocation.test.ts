/** P20: three ways for a user to end tokens; each closes that user's sockets, and nobody else's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RESOURCES } from '../src/resource-list.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { LiveSocket, openLive } from './support/live-socket.ts';
import { type Answer, type Registered, startTestServer, type TestServer } from './support/server.ts';

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

const notes = (token: string) => server.request('GET', '/v1/notes', { token });
const exchange = (userSecret: unknown) => server.request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });
const tokenFor = async (userSecret: unknown) => String((await exchange(userSecret)).body.data['access_token']);

const WAYS: ReadonlyArray<readonly [method: string, path: string]> = [
  ['POST', '/v1/auth/logout-everywhere'],
  ['POST', '/v1/auth/rotate-key'],
  ['DELETE', '/v1/auth/me'],
];

describe.each(WAYS)('%s %s', (method, path) => {
  const revoke = (token: string) => server.request(method, path, { token });

  test('[P20] closes all sockets of the user within a second, and no other', async () => {
    const [anna, berta] = [await server.register(), await server.register()];
    const second = await tokenFor(anna.userSecret);
    const sockets = await Promise.all(
      [anna.token, anna.token, second, second, second].map((token, index) =>
        openLive(server.url, { token, by: (['frame', 'header', 'subprotocol'] as const)[index % 3] ?? 'frame' }),
      ),
    );
    const others = await Promise.all([openLive(server.url, berta), openLive(server.url, berta)]);
    expect((await revoke(anna.token)).status).toBe(200);
    const answered = performance.now();
    const closed = await Promise.all(sockets.map((socket) => socket.closed));
    expect(performance.now() - answered).toBeLessThan(1000);
    for (const end of closed) expect(end).toEqual({ code: 4003, reason: 'revoked' });
    await server.request('POST', '/v1/notes', { token: berta.token, body: { content: 'still here' } });
    for (const socket of others) {
      expect((await socket.first(1))[0]?.type).toBe('note.created');
      await socket.close();
    }
  });

  test('[P20] ends every older token, over REST and WebSocket, from the next request on', async () => {
    const anna = await server.register();
    const second = await tokenFor(anna.userSecret);
    // Both are known to be good by now.
    for (const token of [anna.token, second]) expect((await notes(token)).status).toBe(200);
    await revoke(second);
    const gone = method === 'DELETE';
    const code = gone ? 'token_invalid' : 'revoked';
    for (const token of [anna.token, second]) {
      const answer = await notes(token);
      expect([answer.status, answer.body.error?.code]).toEqual([401, code]);
      expect((await revoke(token)).status).toBe(401);
      const upgrade = await server.request('GET', '/v1/ws', { token });
      expect([upgrade.status, upgrade.body.error?.code]).toEqual([401, gone ? 'unauthenticated' : 'revoked']);
      const socket = new LiveSocket(server.url, { token });
      expect((await socket.closed).code).toBe(gone ? 4001 : 4003);
    }
  });

  test('needs a token', async () => {
    const answer = await server.request(method, path);
    expect(answer.status).toBe(401);
  });

  test('of several at once, one comes first and the rest are refused or do the same again', async () => {
    const { token } = await server.register();
    const answers = await Promise.all(Array.from({ length: 5 }, () => revoke(token)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(200);
    for (const status of statuses) expect([200, 401]).toContain(status);
  });
});

test('after a logout everywhere the secret is good for new tokens', async () => {
  const anna = await server.register();
  const answer = await server.request('POST', '/v1/auth/logout-everywhere', { token: anna.token });
  expect(answer.text).toBe('{"message":"Logged out everywhere successfully"}');
  const token = await tokenFor(anna.userSecret);
  expect((await notes(token)).status).toBe(200);
  const socket = await openLive(server.url, { token });
  await socket.close();
});

test('a new key ends the old secret at once, and is shown as at registration', async () => {
  const anna = await server.register();
  const before = (await server.request('GET', '/v1/auth/me', { token: anna.token })).body.data;
  const answer = await server.request('POST', '/v1/auth/rotate-key', { token: anna.token });
  const { user_secret: secret, key_id: keyId, updated_at, ...rest } = answer.body.data;
  expect(rest).toEqual({ id: anna.id, username: before['username'], created_at: before['created_at'] });
  expect(Date.parse(String(updated_at))).toBeGreaterThanOrEqual(Date.parse(String(before['updated_at'])));
  expect(answer.body.message).toBe('Key rotated successfully');
  expect(secret).toMatch(new RegExp(`^${keyId}\\.[A-Za-z0-9_-]{43}$`));
  expect((await exchange(anna.userSecret)).body.detail).toBe('Invalid API key');
  expect((await notes(await tokenFor(secret))).status).toBe(200);
  expect(server.log()).not.toContain(String(secret).split('.')[1]);
});

test('of several new keys at once, only the last is good', async () => {
  const { token } = await server.register();
  const answers = await Promise.all(Array.from({ length: 5 }, () => server.request('POST', '/v1/auth/rotate-key', { token })));
  const secrets = answers.filter(({ status }) => status === 200).map(({ body }) => body.data['user_secret']);
  const good = (await Promise.all(secrets.map(exchange))).filter(({ status }) => status === 200);
  expect(good).toHaveLength(1);
});

describe('a removed user', () => {
  /** Every row of every table, but what counts rows and what tells other nodes to close connections. */
  function everyRow(): Record<string, unknown[]> {
    const { reader } = server.storage;
    const tables = reader.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    const kept = tables.filter(({ name }) => name !== 'sqlite_sequence');
    const rows = kept.map(({ name }): [string, unknown[]] => [name, reader.all(`SELECT * FROM "${name}"`)]);
    const ofRevocations = "SELECT id FROM realtime_channel WHERE key = 'revocation'";
    const log = reader.all(`SELECT * FROM realtime_log WHERE channel_id NOT IN (${ofRevocations})`);
    const channels = reader.all("SELECT * FROM realtime_channel WHERE key <> 'revocation'");
    return { ...Object.fromEntries(rows), realtime_log: log, realtime_channel: channels };
  }

  async function fill({ token }: Registered, times: number): Promise<void> {
    for (const { collection, examples } of RESOURCES) {
      for (let count = 0; count < times; count += 1) {
        const created: Answer = await server.request('POST', collection, { token, body: examples.create });
        const item = `${collection}/${created.body.data['id']}`;
        expect((await server.request('PUT', item, { token, body: examples.update })).status).toBe(200);
      }
    }
  }

  /** A task below another, about a note: rows that hold each other. */
  async function tie({ token }: Registered): Promise<void> {
    const create = async (path: string, body: object) => (await server.request('POST', path, { token, body })).body.data['id'];
    const note_id = await create('/v1/notes', { content: 'About' });
    const parent_id = await create('/v1/tasks', { content: 'Parent', note_id });
    expect(await create('/v1/tasks', { content: 'Child', note_id, parent_id })).toEqual(expect.any(Number));
  }

  test('leaves nothing behind: the database is as if the user had never been', async () => {
    const stays = await server.register();
    await fill(stays, 2);
    const before = everyRow();
    const goes = await server.register();
    await fill(goes, 3);
    await tie(goes);
    const during = everyRow();
    // What this test is worth: every resource had rows, and notifications.
    for (const { collection } of RESOURCES) {
      const table = collection.slice('/v1/'.length);
      expect(during[table]?.length, `a table ${table}`).toBeGreaterThan(before[table]?.length ?? 0);
    }
    expect(during['realtime_log']?.length).toBeGreaterThan(before['realtime_log']?.length ?? 0);
    const answer = await server.request('DELETE', '/v1/auth/me', { token: goes.token });
    expect(answer.text).toBe('{"message":"User deleted successfully"}');
    expect(everyRow()).toEqual(before);
    expect((await exchange(goes.userSecret)).status).toBe(401);
  });

  test('frees the name', async () => {
    const register = () => server.request('POST', '/v1/auth/register', { body: { username: 'phoenix' } });
    const secret = (await register()).body.data['user_secret'];
    expect((await register()).status).toBe(400);
    await server.request('DELETE', '/v1/auth/me', { token: await tokenFor(secret) });
    expect((await register()).status).toBe(201);
  });

  test('is gone too for writes that were under way: none is left behind, none is a fault of the server', async () => {
    const before = everyRow();
    const goes = await server.register();
    const write = () => server.request('POST', '/v1/notes', { token: goes.token, body: { content: 'late' } });
    const remove = () => server.request('DELETE', '/v1/auth/me', { token: goes.token });
    const early = Array.from({ length: 20 }, write);
    const answers = await Promise.all([...early, remove(), ...Array.from({ length: 20 }, write)]);
    const statuses = new Set(answers.map(({ status }) => status));
    for (const status of statuses) expect([200, 201, 401]).toContain(status);
    expect(everyRow()).toEqual(before);
  });
});

describe("another issuer's user", () => {
  const later = (seconds: number) => ({ claims: { iat: Math.floor(Date.now() / 1000) + seconds } });

  test.each(WAYS.filter(([, path]) => !path.endsWith('rotate-key')))(
    '[P20] %s %s ends tokens by the time when they were made',
    async (method, path) => {
      const subject = `subject of ${path}`;
      const token = issuer.token(subject);
      const earlier = issuer.token(subject, later(-300));
      const socket = await openLive(server.url, { token });
      expect((await notes(earlier)).status).toBe(200);
      expect((await server.request(method, path, { token })).status).toBe(200);
      expect(await socket.closed).toEqual({ code: 4003, reason: 'revoked' });
      for (const old of [token, earlier]) {
        const answer = await notes(old);
        expect([answer.status, answer.body.error?.code]).toEqual([401, 'revoked']);
        expect(await new LiveSocket(server.url, { token: old }).closed).toEqual({ code: 4003, reason: 'revoked' });
      }
      const fresh = issuer.token(subject, later(2));
      expect((await notes(fresh)).status).toBe(200);
      const again = await openLive(server.url, { token: fresh });
      await again.close();
    },
  );

  test('is somebody new when coming back after the removal', async () => {
    const me = async (token: string) => (await server.request('GET', '/v1/auth/me', { token })).body.data['id'];
    const token = issuer.token('comes back');
    const first = await me(token);
    await server.request('DELETE', '/v1/auth/me', { token });
    const second = await me(issuer.token('comes back', later(2)));
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
    await server.request('DELETE', '/v1/auth/me', { token: issuer.token('comes back', later(3)) });
    const rows = server.storage.reader.all<object>('SELECT * FROM removed_identities');
    expect(JSON.stringify(rows)).not.toContain('comes back');
  });
});

describe('with registration closed', () => {
  let closed: TestServer;

  beforeAll(async () => {
    closed = await startTestServer({ ...issuer.environment, FRIDAY_REGISTRATION: 'closed' });
  });
  afterAll(() => closed.close());

  test('nobody registers', async () => {
    const answer = await closed.request('POST', '/v1/auth/register', { body: { username: 'anna' } });
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'registration_closed']);
    expect(answer.body.detail).toBe('Registration is closed on this server');
  });

  test('no user of another issuer is made, over REST or WebSocket', async () => {
    const token = issuer.token('anna');
    const answer = await closed.request('GET', '/v1/notes', { token });
    expect([answer.status, answer.body.error?.code, answer.body.detail]).toEqual([401, 'token_invalid', 'User not found']);
    expect(await new LiveSocket(closed.url, { token }).closed).toEqual({ code: 4001, reason: 'unauthenticated' });
  });
});
