/** Work that is much at once, and another process that holds the database: everybody else is served meanwhile. */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLive } from '../support/live-socket.ts';
import { registerUser } from '../support/rest.ts';
import { Target } from './support/target.ts';

const within = { timeout: 60_000 };
const COUNT = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)';
const PUT_TASKS = `${COUNT} INSERT INTO tasks
  (user_id, content, status, priority, tags, note_id, processing_status, created_at, updated_at, version)
  SELECT ?1, 'a task', 'todo', 1, '[]', ?2, 'pending', 0, 0, 1 FROM n`;
const PUT_NOTES = `${COUNT} INSERT INTO notes (user_id, content, attachments, processing_status, created_at, version)
  SELECT ?1, ?2, '[]', 'pending', 0, 1 FROM n`;
/** Milliseconds within which what does not write is answered, whatever holds the writers: they give up after five seconds. */
const READ_WITHIN_MS = 2_000;

let target: Target;
let file: DatabaseSync;

beforeAll(async () => {
  target = await Target.start();
  file = new DatabaseSync(target.database, { timeout: 5_000 });
});
afterAll(async () => {
  file.close();
  // The write that the held lock cost, and nothing else.
  expect(await target.end()).toEqual([expect.stringContaining('"code":"storage_unavailable","msg":"request failed"')]);
});

describe('mass deletion', () => {
  test('a note that ten thousand tasks refer to, and one that more do: 409', within, async () => {
    const { request } = target.server;
    const { id, token } = await registerUser(request);
    const note = async () => Number((await request('POST', '/v1/notes', { token, body: { content: 'x' } })).body.data['id']);
    const [most, tooMany] = [await note(), await note()];
    file.prepare(PUT_TASKS).run(id, most, 10_000);
    file.prepare(PUT_TASKS).run(id, tooMany, 10_001);
    await target.during(async () => {
      const refused = await request('DELETE', `/v1/notes/${tooMany}`, { token });
      expect([refused.status, refused.body.error?.code]).toEqual([409, 'TASK_REFERENCES_TOO_MANY']);
      expect((await request('DELETE', `/v1/notes/${most}`, { token })).status).toBe(200);
    });
    const left = file.prepare('SELECT note_id, count(*) AS count FROM tasks WHERE user_id = ? GROUP BY note_id').all(id);
    expect(left.map((row) => ({ ...row }))).toEqual([
      { note_id: null, count: 10_000 },
      { note_id: tooMany, count: 10_001 },
    ]);
  });

  test('a user with a hundred thousand rows is removed in slices', within, async () => {
    const { request } = target.server;
    const { id, token } = await registerUser(request);
    file.prepare(PUT_NOTES).run(id, 'a note', 100_000);
    const { delivered } = await target.during(async () => {
      expect((await request('DELETE', '/v1/auth/me', { token })).status).toBe(200);
    });
    expect(delivered).toBeGreaterThan(3);
    expect(file.prepare('SELECT count(*) AS count FROM notes WHERE user_id = ?').get(id)?.['count']).toBe(0);
  });
});

test('a process that holds the write lock: writes get 503, reads and connections are served, and it passes', within, async () => {
  const { server, user } = target;
  const { token } = user;
  const write = () => server.request('POST', '/v1/notes', { token, body: { content: 'while it is held' } });
  file.exec('BEGIN IMMEDIATE');
  try {
    const written = write();
    const start = performance.now();
    expect((await server.request('GET', '/v1/notes', { token })).status).toBe(200);
    expect((await server.request('GET', '/readyz')).status).toBe(200);
    const socket = await openLive(target.url, { token });
    expect(performance.now() - start).toBeLessThan(READ_WITHIN_MS);
    await socket.close();
    const refused = await written;
    expect([refused.status, refused.body.error?.code]).toEqual([503, 'storage_unavailable']);
    expect(refused.headers.get('retry-after')).toBe('5');
  } finally {
    file.exec('ROLLBACK');
  }
  await target.expectServing();
});
