/** The sides of a task that have routes of their own: status, topic, note, processing. Source: REST specification, section "Tasks". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';
import { setProcessed, UNPROCESSED_TASK } from './support/tasks.ts';

let server: TestServer;
let user: Registered;
let stranger: Registered;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.register();
  stranger = await server.register();
});
afterAll(() => server.close());

const send = (method: string, path: string, body?: unknown, headers = {}) =>
  server.request(method, `/v1/tasks${path}`, { token: user.token, headers, ...(body !== undefined && { body }) });
const get = (id: unknown) => send('GET', `/${id}`);
const idOf = async (body: object = {}, { token } = user): Promise<number> =>
  Number((await server.request('POST', '/v1/tasks', { token, body: { content: 'a task', ...body } })).body.data['id']);
const noteOf = async ({ token }: Registered): Promise<number> =>
  Number((await server.request('POST', '/v1/notes', { token, body: { content: 'a note' } })).body.data['id']);

describe('the status', () => {
  test('is set by the query, or by a body where the query has none', async () => {
    const id = await idOf();
    const byQuery = await send('PUT', `/${id}/status?status=done`);
    expect(byQuery.status).toBe(200);
    expect(byQuery.headers.get('etag')).toBe('"2"');
    expect(byQuery.body).toMatchObject({
      data: { status: 'done', id },
      message: 'Task status updated successfully',
      error: null,
    });
    expect((await send('PUT', `/${id}/status`, { status: 'todo' })).body.data['status']).toBe('todo');
    expect((await send('PUT', `/${id}/status?status=in_progress`, { status: 'done' })).body.data['status']).toBe('in_progress');
    expect((await send('PUT', `/${id}/status?status=todo`, { status: 'nonsense' })).body.data['status']).toBe('todo');
    expect((await send('PUT', `/${id}/status?other=1`, { status: 'done' })).body.data['status']).toBe('done');
  });

  test('of no task is nowhere to be set', async () => {
    for (const id of [99_999_999, await idOf({}, stranger)]) {
      const answer = await send('PUT', `/${id}/status?status=done`);
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toBe('Task not found');
    }
  });

  test.each([
    ['/status', undefined, [{ type: 'missing', loc: ['query', 'status'] }]],
    ['/status', {}, [{ type: 'missing', loc: ['body', 'status'] }]],
    ['/status', null, [{ type: 'missing', loc: ['query', 'status'] }]],
    ['/status', [], [{ type: 'model_attributes_type', loc: ['body'] }]],
    ['/status', { status: null }, [{ type: 'enum', loc: ['body', 'status'] }]],
    ['/status?status=', { status: 'done' }, [{ type: 'enum', loc: ['query', 'status'] }]],
    ['/status?status=DONE', undefined, [{ type: 'enum', loc: ['query', 'status'] }]],
    ['/topic?topic_id=', undefined, [{ type: 'int_parsing', loc: ['query', 'topic_id'] }]],
    ['/topic?topic_id=0', undefined, [{ type: 'greater_than', loc: ['query', 'topic_id'] }]],
    ['/topic', { topic_id: 'x' }, [{ type: 'int_parsing', loc: ['body', 'topic_id'] }]],
    ['/note', undefined, [{ type: 'missing', loc: ['query', 'note_id'] }]],
    ['/note', { note_id: null }, [{ type: 'int_type', loc: ['body', 'note_id'] }]],
    ['/note?note_id=-1', undefined, [{ type: 'greater_than', loc: ['query', 'note_id'] }]],
  ])('(%s %j) without a value that can be is a fault of the request', async (path, body, faults) => {
    const answer = await send('PUT', `/${await idOf()}${path}`, body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject(faults);
    expect(answer.body.detail).toHaveLength(1);
  });

  test('all faults are named at once, those of the path and the headers among them', async () => {
    const answer = await send('PUT', '/x/status', { status: 1 }, { 'if-match': 'x' });
    expect(answer.body.detail).toMatchObject([
      { loc: ['path', 'task_id'] },
      { loc: ['body', 'status'] },
      { loc: ['header', 'if-match'] },
    ]);
  });

  test('in a body that is no JSON is a fault of the request', async () => {
    const path = `/${await idOf()}/status`;
    const text = await send('PUT', path, 'status=done', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(text.status).toBe(422);
    expect(text.body.detail).toMatchObject([{ type: 'model_attributes_type', loc: ['body'] }]);
    const broken = await send('PUT', path, '{"status":');
    expect(broken.status).toBe(422);
    expect(broken.body.detail).toMatchObject([{ type: 'json_invalid' }]);
  });
});

describe('the topic', () => {
  test('is none as long as there are none; it can be taken away', async () => {
    const id = await idOf();
    for (const answer of [await send('PUT', `/${id}/topic`), await send('PUT', `/${id}/topic`, { topic_id: null })]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('etag')).toBe('"1"');
      expect(answer.body).toMatchObject({
        data: { id, topic_id: null, topic: null },
        message: 'Task topic updated successfully',
      });
    }
    for (const answer of [await send('PUT', `/${id}/topic?topic_id=5`), await send('PUT', `/${id}/topic`, { topic_id: 5 })]) {
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toEqual({ message: 'Topic not found', code: 'TASK_INVALID_REFERENCE' });
    }
  });

  test('of no task is nowhere to be set', async () => {
    const answer = await send('PUT', '/99999999/topic');
    expect(answer.status).toBe(404);
    expect(answer.body.detail).toEqual({
      message: "Task 99999999 not found or doesn't belong to user",
      code: 'TASK_INVALID_REFERENCE',
    });
  });
});

describe('the note', () => {
  test('is attached and detached', async () => {
    const [id, note_id] = [await idOf(), await noteOf(user)];
    const attached = await send('PUT', `/${id}/note?note_id=${note_id}`);
    expect(attached.status).toBe(200);
    expect(attached.headers.get('etag')).toBe('"2"');
    expect(attached.body).toMatchObject({ data: { id, note_id, version: 2 }, message: 'Note attached to task successfully' });
    expect((await send('PUT', `/${id}/note`, { note_id })).headers.get('etag')).toBe('"2"');
    const detached = await send('DELETE', `/${id}/note`);
    expect(detached.status).toBe(200);
    expect(detached.headers.get('etag')).toBe('"3"');
    expect(detached.body).toMatchObject({ data: { id, note_id: null }, message: 'Note detached from task successfully' });
    expect((await send('DELETE', `/${id}/note`)).headers.get('etag')).toBe('"3"');
  });

  test("must be there, and the user's own, as must the task", async () => {
    const [id, note] = [await idOf(), await noteOf(user)];
    for (const missing of [99_999_999, await noteOf(stranger)]) {
      const answer = await send('PUT', `/${id}/note?note_id=${missing}`);
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toEqual({ message: 'Note not found', code: 'TASK_INVALID_REFERENCE' });
    }
    const foreign = await idOf({}, stranger);
    for (const answer of [await send('PUT', `/${foreign}/note?note_id=${note}`), await send('DELETE', `/${foreign}/note`)]) {
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toBe('Task not found');
    }
  });
});

describe('processing', () => {
  test('can be looked at and started again', async () => {
    const id = await idOf();
    const processed = setProcessed(server.storage, id);
    const status = await get(`processing/${id}`);
    expect(status.status).toBe(200);
    expect(status.headers.get('etag')).toBe('"1"');
    const data = { id, user_id: user.id, content: 'a task', ...processed };
    expect(Object.keys(status.body.data)).toEqual(Object.keys(data));
    expect(status.body).toEqual({
      data,
      message: 'Retrieved task processing status',
      error: null,
    });
    const again = await send('POST', `/${id}/reprocess`);
    expect(again.status).toBe(202);
    expect(again.headers.get('etag')).toBe('"2"');
    expect(again.body).toEqual({
      data: { message: 'Task queued for reprocessing' },
      message: 'Task reprocessing requested',
      error: null,
    });
    expect((await get(`processing/${id}`)).body.data).toEqual({ ...data, ...UNPROCESSED_TASK });
    expect((await send('POST', `/${id}/reprocess`)).headers.get('etag')).toBe('"2"');
  });

  test("of another user's task is not there", async () => {
    const id = await idOf({}, stranger);
    for (const answer of [await get(`processing/${id}`), await send('POST', `/${id}/reprocess`)]) {
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toBe('Task not found');
    }
  });
});

test('every route that writes keeps to If-Match, and to tokens', async () => {
  const [id, note] = [await idOf(), await noteOf(user)];
  const routes: [string, string][] = [
    ['PUT', `/${id}/status?status=done`],
    ['PUT', `/${id}/topic`],
    ['PUT', `/${id}/note?note_id=${note}`],
    ['DELETE', `/${id}/note`],
    ['POST', `/${id}/reprocess`],
  ];
  for (const [method, path] of routes) {
    const answer = await send(method, path, undefined, { 'if-match': '"99"' });
    expect(answer.status).toBe(412);
    expect(answer.body.detail).toMatchObject({ code: 'version_mismatch', version: 1 });
    expect((await server.request(method, `/v1/tasks${path}`)).status).toBe(401);
  }
  expect((await send('PUT', `/${id}/status?status=done`, undefined, { 'if-match': '"1"' })).status).toBe(200);
});

test.each([
  ['PATCH', '/1', 'DELETE, GET, PUT'],
  ['GET', '/1/status', 'PUT'],
  ['POST', '/1/topic', 'PUT'],
  ['POST', '/1/note', 'DELETE, PUT'],
  ['PUT', '/1/subtasks', 'GET'],
  ['GET', '/1/reprocess', 'POST'],
  ['DELETE', '/processing/1', 'GET'],
  ['PUT', '/by-topic/1', 'GET'],
])('%s %s is no method of it', async (method, path, allow) => {
  const answer = await server.request(method, `/v1/tasks${path}`);
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
});
