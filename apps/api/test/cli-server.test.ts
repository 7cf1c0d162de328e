/** The command beside a running server: what it writes reaches the server's clients, and its users. */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { friday, jsonOf, type Ran } from './support/command.ts';
import { openLive } from './support/live-socket.ts';
import { listedNotes, writeNotes } from './support/notes.ts';
import { registerUser } from './support/rest.ts';
import { type Server, ServerHost } from './support/server-host.ts';

/** So long that what arrives does not come by the reconcile pass, but because the commit was noticed. */
const NO_RECONCILE = { FRIDAY_RECONCILE_SECONDS: '60' };

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

function run(...args: string[]): Promise<Ran> {
  return friday(args, { FRIDAY_DATA_DIR: host.folder });
}

/** The user of that name, as JSON. */
async function ranUser(...args: string[]): Promise<Readonly<Record<string, unknown>>> {
  const ran = await run(...args, '--json');
  expect([ran.exitCode, ran.err]).toEqual([0, '']);
  return jsonOf(ran)['user'] as Record<string, unknown>;
}

async function tokenFor(server: Server, userSecret: unknown): Promise<string> {
  const answer = await server.request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });
  expect(answer.status).toBe(200);
  return String(answer.body.data['access_token']);
}

test('[P15] an announcement reaches every client, those too that come back later', async () => {
  const server = await host.start(NO_RECONCILE);
  const [ann, ben] = [await registerUser(server.request), await registerUser(server.request)];
  const sockets = await Promise.all([ann, ann, ben].map(({ token }) => openLive(server.url, { token })));
  const away = await openLive(server.url, { token: ben.token });
  await away.close();
  expect(await run('announce', 'Friday moves at noon: "bye" …')).toEqual({ exitCode: 0, out: 'Announced.\n', err: '' });
  sockets.push(await openLive(server.url, { token: ben.token, cursor: away.position }));
  for (const socket of sockets) {
    const [notification] = await socket.first(1);
    expect(notification).toMatchObject({
      type: 'system.announcement',
      channel: 'broadcast',
      seq: 1,
      data: { text: 'Friday moves at noon: "bye" …' },
    });
  }
});

test('what is announced while the server is stopped is told when it is back', async () => {
  const first = await host.start();
  const { token } = await registerUser(first.request);
  const { position } = await openLive(first.url, { token });
  await first.stop();
  const ran = await run('announce', 'Back soon', '--json');
  expect(jsonOf(ran)).toEqual({ announced: { text: 'Back soon' } });
  const second = await host.start();
  const socket = await openLive(second.url, { token, cursor: position });
  expect((await socket.first(1))[0]).toMatchObject({ type: 'system.announcement', data: { text: 'Back soon' } });
});

test('users are added where registration is closed, and listed by name', async () => {
  const server = await host.start({ FRIDAY_REGISTRATION: 'closed' });
  expect(await run('user', 'list')).toEqual({ exitCode: 0, out: '', err: '' });
  const zoe = await ranUser('user', 'add', 'zoe');
  const me = await server.request('GET', '/v1/auth/me', { token: await tokenFor(server, zoe['user_secret']) });
  expect(me.body.data).toMatchObject({ id: zoe['id'], username: 'zoe' });
  const { out, exitCode } = await run('user', 'add', 'Ada-Lovelace');
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^Added Ada-Lovelace, [0-9a-f-]{36}\.\nThe secret, shown this once: \S{70,}\n$/);
  const listed = await run('user', 'list');
  expect(listed.out.split('\n').map((line) => line.split(/\s+/)[0])).toEqual(['Ada-Lovelace', 'zoe', '']);
  expect(jsonOf(await run('user', 'list', '--json'))).toMatchObject({
    users: [{ username: 'Ada-Lovelace' }, { id: zoe['id'], username: 'zoe', created_at: zoe['created_at'] }],
  });
});

test('[P20] a rotated key ends the sessions and the secret of its user, and of nobody else', async () => {
  const server = await host.start(NO_RECONCILE);
  const [ada, ben] = [await ranUser('user', 'add', 'ada'), await ranUser('user', 'add', 'ben')];
  const token = await tokenFor(server, ada['user_secret']);
  const sockets = await Promise.all([1, 2].map(() => openLive(server.url, { token })));
  const other = await openLive(server.url, { token: await tokenFor(server, ben['user_secret']) });
  const rotated = await ranUser('user', 'rotate-key', 'ADA');
  for (const { closed } of sockets) expect((await closed).code).toBe(4003);
  expect(rotated).toMatchObject({ id: ada['id'], username: 'ada' });
  const old = await server.request('POST', '/v1/auth/token', { body: { user_secret: ada['user_secret'] } });
  expect([old.status, (await server.request('GET', '/v1/notes', { token })).status]).toEqual([401, 401]);
  const back = await openLive(server.url, { token: await tokenFor(server, rotated['user_secret']) });
  await run('announce', 'Hello');
  for (const socket of [back, other]) expect((await socket.first(1))[0]?.type).toBe('system.announcement');
});

test('[P20] a removed user is gone with all data, and the sockets are closed', async () => {
  const server = await host.start(NO_RECONCILE);
  const [ada, ben] = [await ranUser('user', 'add', 'ada'), await ranUser('user', 'add', 'ben')];
  const tokens = await Promise.all([ada, ben].map(({ user_secret }) => tokenFor(server, user_secret)));
  const [token = '', kept = ''] = tokens;
  const socket = await openLive(server.url, { token });
  await Promise.all(tokens.map((each) => writeNotes(server.request, { token: each, count: 3 })));
  expect(await run('user', 'remove', 'Ada')).toEqual({ exitCode: 0, out: `Removed ada, ${ada['id']}.\n`, err: '' });
  expect((await socket.closed).code).toBe(4003);
  expect((await server.request('GET', '/v1/notes', { token })).status).toBe(401);
  expect(await listedNotes(server.request, kept)).toHaveLength(3);
  expect(jsonOf(await run('check', '--json'))).toMatchObject({ ok: true, users: 1 });
  const database = new DatabaseSync(host.database, { readOnly: true });
  const rows = database.prepare('SELECT count(*) AS left FROM notes WHERE user_id = ?').get(String(ada['id']));
  database.close();
  expect(rows).toEqual({ left: 0 });
});

test('a removal that was interrupted is seen in the list, and the same command finishes it', async () => {
  const server = await host.start(NO_RECONCILE);
  const ada = await ranUser('user', 'add', 'ada');
  const database = new DatabaseSync(host.database);
  database.exec('UPDATE users SET removed_at = 1');
  database.close();
  expect((await run('user', 'list')).out).toMatch(/^ada .* being removed\n$/);
  expect(jsonOf(await run('user', 'list', '--json'))).toMatchObject({ users: [{ id: ada['id'], removing: true }] });
  const body = { user_secret: ada['user_secret'] };
  expect((await server.request('POST', '/v1/auth/token', { body })).status).toBe(401);
  expect(await run('user', 'rotate-key', 'ada')).toMatchObject({ exitCode: 1 });
  expect(await run('user', 'remove', 'ada')).toMatchObject({ exitCode: 0 });
  expect((await run('user', 'list')).out).toBe('');
});

test("the server's writes succeed while commands write too", async () => {
  const server = await host.start();
  const { token } = await registerUser(server.request);
  const commands = ['one', 'two', 'three'].map((name) => run('user', 'add', `user-${name}`));
  const written = await writeNotes(server.request, { token, count: 300, atOnce: 8 });
  expect(written).toHaveLength(300);
  for (const { exitCode } of await Promise.all(commands)) expect(exitCode).toBe(0);
  expect(jsonOf(await run('check', '--json'))).toMatchObject({ ok: true, users: 4 });
});
