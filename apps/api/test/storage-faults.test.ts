/** A disk that is full or read-only: a clear answer, nothing half-written, and life goes on when it is healthy again. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from './support/listener.ts';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let user: Registered;

beforeEach(async () => {
  server = await startTestServer();
  user = await server.register();
});
afterEach(() => server.close());

const create = (content: string) => server.request('POST', '/v1/notes', { token: user.token, body: { content } });
const pragma = (text: string) => server.storage.writer.database.exec(`PRAGMA ${text}`);
const count = (table: string) =>
  server.storage.reader.all<{ count: number }>(`SELECT count(*) AS count FROM ${table}`, [])[0]?.count;

test('a full disk refuses writes whole, serves reads, and is forgotten when there is room', async () => {
  const listener = await listen(server.url, user.token);
  await create('before');
  pragma('max_page_count = 1');
  const content = 'x'.repeat(9_000);
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(content)));
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.body.error?.code).toBe('storage_unavailable');
    expect(answer.body.detail).toBe('The database cannot be used now: the disk is full.');
  }
  expect([count('notes'), count('realtime_log')]).toEqual([1, 1]);
  expect((await server.request('GET', '/v1/notes', { token: user.token })).body.data['total']).toBe(1);
  pragma('max_page_count = 1000000');
  expect((await create('after')).status).toBe(201);
  const seen = await listener.next(2);
  expect(seen.map(({ type, seq }) => [type, seq])).toEqual([
    ['note.created', 1],
    ['note.created', 2],
  ]);
  listener.close();
});

test('a database that cannot be written says so, at registration too', async () => {
  pragma('query_only = ON');
  for (const answer of [await create('a'), await server.request('POST', '/v1/auth/register', { body: { username: 'late' } })]) {
    expect(answer.status).toBe(503);
    expect(answer.body.detail).toBe('The database cannot be used now: it is read-only.');
  }
  pragma('query_only = OFF');
  expect((await create('a')).status).toBe(201);
  expect((await server.request('POST', '/v1/auth/register', { body: { username: 'late' } })).status).toBe(201);
});

test('a fault that nobody foresaw is told to the log only', async () => {
  server.storage.writer.database.exec('ALTER TABLE notes RENAME TO elsewhere');
  for (const answer of [await create('a'), await server.request('GET', '/v1/notes', { token: user.token })]) {
    expect(answer.status).toBe(500);
    const message = 'The server failed.';
    expect(answer.body).toEqual({ detail: message, data: null, message, error: { code: 'INTERNAL_ERROR', message } });
  }
  expect(server.log()).toContain('no such table: notes');
  expect((await server.request('GET', '/v1/auth/me', { token: user.token })).status).toBe(200);
});

test('a database that cannot tell who asks is a fault of the server, not of the token', async () => {
  server.storage.writer.database.exec('ALTER TABLE users RENAME TO elsewhere');
  const answer = await server.request('GET', '/v1/notes', { token: user.token });
  expect([answer.status, answer.body.error?.code]).toEqual([500, 'INTERNAL_ERROR']);
});
