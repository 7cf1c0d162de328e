/** What is announced of tasks, as it arrives on a socket. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Listener, listen } from './support/listener.ts';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let user: Registered;
let listener: Listener;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  user = await server.register();
  listener = await listen(server.url, user.token);
});
afterEach(() => listener.close());
afterAll(() => server.close());

const send = (method: string, path: string, body?: unknown) =>
  server.request(method, `/v1${path}`, {
    token: user.token,
    headers: { 'friday-client-id': 'desk' },
    ...(body !== undefined && { body }),
  });
const idOf = async (path: string, body: object = {}): Promise<number> =>
  Number((await send('POST', path, { content: 'something', ...body })).body.data['id']);

/** What is announced next, and nothing besides: a note is written after it, and must be what follows. */
async function announced(count: number): Promise<unknown[]> {
  const frames = await listener.next(count);
  await idOf('/notes');
  expect(await listener.next(1)).toMatchObject([{ type: 'note.created' }]);
  return frames.map(({ type, resource, changed, origin }) => [type, resource?.id, resource?.version, changed, origin]);
}

const named = (type: string, id: number, version: number, changed?: string[]) => [type, id, version, changed, 'desk'];

test('[P15] [P18] each route announces what it changed, once, and nothing where nothing differs', async () => {
  const note = await idOf('/notes');
  const id = await idOf('/tasks');
  await listener.next(2);
  await send('PUT', `/tasks/${id}`, { content: 'other', priority: 'high' });
  await send('PUT', `/tasks/${id}`, { content: 'other', priority: 'high' });
  await send('PUT', `/tasks/${id}/status?status=in_progress`);
  await send('PUT', `/tasks/${id}/status`, { status: 'in_progress' });
  await send('PUT', `/tasks/${id}/note?note_id=${note}`);
  await send('PUT', `/tasks/${id}/note?note_id=${note}`);
  await send('DELETE', `/tasks/${id}/note`);
  await send('DELETE', `/tasks/${id}/note`);
  await send('PUT', `/tasks/${id}/topic`);
  await send('POST', `/tasks/${id}/reprocess`);
  await send('PUT', `/tasks/${id}`, { processing_status: 'failed' });
  await send('POST', `/tasks/${id}/reprocess`);
  await send('DELETE', `/tasks/${id}`);
  expect(await announced(7)).toEqual([
    named('task.updated', id, 2, ['content', 'priority']),
    named('task.updated', id, 3, ['status']),
    named('task.updated', id, 4, ['note_id']),
    named('task.updated', id, 5, ['note_id']),
    named('task.updated', id, 6, ['processing_status']),
    named('task.updated', id, 7, ['processing_status']),
    named('task.deleted', id, 8),
  ]);
});

test('[P15] a task that becomes done is announced as completed instead of updated, on any route', async () => {
  const id = await idOf('/tasks');
  await listener.next(1);
  await send('PUT', `/tasks/${id}/status?status=done`);
  await send('PUT', `/tasks/${id}/status?status=done`);
  await send('PUT', `/tasks/${id}`, { tags: ['x'], status: 'done' });
  await send('PUT', `/tasks/${id}`, { status: 'todo' });
  await send('PUT', `/tasks/${id}`, { status: 'done', content: 'other', tags: [] });
  expect(await announced(4)).toEqual([
    named('task.completed', id, 2, ['status']),
    named('task.updated', id, 3, ['tags']),
    named('task.updated', id, 4, ['status']),
    named('task.completed', id, 5, ['content', 'status', 'tags']),
  ]);
  const done = await idOf('/tasks', { status: 'done' });
  expect(await announced(1)).toEqual([named('task.created', done, 1)]);
});

test('[P15] a deleted task is announced first, then all that was below it, each with its own next version', async () => {
  const top = await idOf('/tasks');
  const left = await idOf('/tasks', { parent_id: top });
  const right = await idOf('/tasks', { parent_id: top });
  const below = await idOf('/tasks', { parent_id: left });
  await send('PUT', `/tasks/${right}`, { tags: ['x'] });
  await listener.next(5);
  await send('DELETE', `/tasks/${top}`);
  expect(await announced(4)).toEqual([
    named('task.deleted', top, 2),
    named('task.deleted', left, 2),
    named('task.deleted', right, 3),
    named('task.deleted', below, 2),
  ]);
});

test('[P15] a deleted note is announced first, then the tasks that referred to it', async () => {
  const note = await idOf('/notes');
  const first = await idOf('/tasks', { note_id: note });
  const second = await idOf('/tasks', { note_id: note });
  const other = await idOf('/tasks');
  await send('PUT', `/tasks/${second}`, { status: 'done' });
  await listener.next(5);
  expect((await send('DELETE', `/notes/${note}`)).status).toBe(200);
  expect(await announced(3)).toEqual([
    named('note.deleted', note, 2),
    named('task.updated', first, 2, ['note_id']),
    named('task.updated', second, 3, ['note_id']),
  ]);
  expect((await send('GET', `/tasks/${second}`)).body.data).toMatchObject({ note_id: null, version: 3, status: 'done' });
  expect((await send('GET', `/tasks/${other}`)).body.data).toMatchObject({ version: 1 });
});

test('[P10] what is refused is not announced', async () => {
  const id = await idOf('/tasks');
  await listener.next(1);
  const answers = [
    await send('POST', '/tasks', { content: 'a', note_id: 99_999_999 }),
    await send('PUT', `/tasks/${id}`, { content: 'b', parent_id: id }),
    await send('PUT', `/tasks/${id}`, { content: 'b', topic_id: 1 }),
    await send('PUT', `/tasks/${id}/note?note_id=99999999`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 400, 404, 404]);
  expect(await announced(0)).toEqual([]);
  expect((await send('GET', `/tasks/${id}`)).body.data).toMatchObject({ content: 'something', version: 1 });
});

test('[P15b] over a thousand at once are announced as many', async () => {
  const [note, top] = [await idOf('/notes'), await idOf('/tasks')];
  await listener.next(2);
  const copy = `WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 1200)
    INSERT INTO tasks (user_id, content, status, priority, tags, parent_id, note_id, processing_status, created_at, updated_at, version)
    SELECT user_id, content, status, priority, tags, id, ?, processing_status, created_at, updated_at, version
    FROM tasks, counted WHERE id = ?`;
  server.storage.writer.run(copy, [note, top]);
  await send('DELETE', `/notes/${note}`);
  const [cause, many] = await listener.next(2);
  expect(cause).toMatchObject({ type: 'note.deleted', resource: { id: note } });
  expect(many).toMatchObject({ type: 'task.many', data: { count: 1_200 } });
  await send('DELETE', `/tasks/${top}`);
  expect(await listener.next(1)).toMatchObject([{ type: 'task.many', data: { count: 1_201 } }]);
  expect((await send('GET', '/tasks')).body.data['total']).toBe(0);
});
