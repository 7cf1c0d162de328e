/** Tasks changed and deleted over REST, beyond what holds for every resource. Source: REST specification, section "Tasks". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';
import { setProcessed, UNPROCESSED_TASK } from './support/tasks.ts';

const PAST = '2020-01-01T00:00:00Z';
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
const put = (id: unknown, body: unknown) => send('PUT', `/${id}`, body);
const get = (id: unknown) => send('GET', `/${id}`);
const idOf = async (body: object = {}, { token } = user): Promise<number> =>
  Number((await server.request('POST', '/v1/tasks', { token, body: { content: 'a task', ...body } })).body.data['id']);
const noteOf = async ({ token }: Registered): Promise<number> =>
  Number((await server.request('POST', '/v1/notes', { token, body: { content: 'a note' } })).body.data['id']);

describe('changing', () => {
  test.each([
    { content: 'other' },
    { status: 'done' },
    { priority: 'urgent' },
    { due_date: '2050-01-01T00:00:00Z' },
    { tags: ['x', 'y'] },
    { processing_status: 'skipped' },
  ])('%j alone is changed', async (body) => {
    const { data } = (await get(await idOf())).body;
    const answer = await put(data['id'], body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.body).toEqual({
      data: { ...data, ...body, updated_at: expect.any(String), version: 2 },
      message: 'Task updated successfully',
      error: null,
    });
    expect((await get(data['id'])).body.data).toEqual(answer.body.data);
  });

  test('null counts as absent, and a note is not changed here', async () => {
    const [parent_id, note_id] = [await idOf(), await noteOf(user)];
    const id = await idOf({ parent_id, note_id, due_date: '2050-01-01T00:00:00Z', tags: ['x'], status: 'in_progress' });
    const { data } = (await get(id)).body;
    const nothing = {
      content: null,
      status: null,
      priority: null,
      due_date: null,
      tags: null,
      parent_id: null,
      topic_id: null,
      processing_status: null,
      note_id: null,
    };
    expect((await put(id, nothing)).body.data).toEqual(data);
    expect((await put(id, { note_id: 99_999_999, id: 1, unknown: 1 })).body.data).toEqual(data);
    expect((await put(id, { tags: [] })).body.data).toEqual({ ...data, tags: [], updated_at: expect.any(String), version: 2 });
  });

  test('content, even the same again, lets the task be processed anew; other fields do not', async () => {
    const id = await idOf();
    const processed = setProcessed(server.storage, id);
    expect((await put(id, { tags: ['x'] })).body.data).toMatchObject({ ...processed, version: 2 });
    expect((await put(id, { content: 'a task' })).body.data).toMatchObject({ ...UNPROCESSED_TASK, version: 3 });
    expect((await put(id, { content: 'a task' })).body.data).toMatchObject({ ...UNPROCESSED_TASK, version: 3 });
  });

  test('a due date that has passed may stay, but not be set', async () => {
    const id = await idOf();
    server.storage.writer.run('UPDATE tasks SET due_date = ? WHERE id = ?', [Date.parse(PAST), id]);
    expect((await put(id, { due_date: PAST, content: 'late' })).body.data).toMatchObject({ due_date: PAST, version: 2 });
    const answer = await put(id, { due_date: '2020-01-01T00:00:01Z' });
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toEqual({ message: 'Due date cannot be in the past', code: 'TASK_DATE_ERROR' });
  });

  test.each([
    [{ content: ' ' }, 'TASK_CONTENT_ERROR'],
    [{ due_date: '2050-01-01T00:00:00' }, 'TASK_DATE_ERROR'],
    [{ due_date: PAST }, 'TASK_DATE_ERROR'],
    [{ parent_id: 0 }, 'TASK_PARENT_ERROR'],
  ])('%j is refused as when creating', async (body, code) => {
    const id = await idOf();
    const answer = await put(id, body);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatchObject({ code });
    expect((await get(id)).body.data['version']).toBe(1);
  });

  test.each([
    [{ content: '' }, 'string_too_short'],
    [{ content: 'x'.repeat(513) }, 'string_too_long'],
    [{ status: 'DONE' }, 'enum'],
    [{ processing_status: 'ERROR' }, 'enum'],
    [{ topic_id: 0 }, 'greater_than'],
    [{ tags: {} }, 'list_type'],
    [{ due_date: 'tomorrow' }, 'datetime_from_date_parsing'],
  ])('%j is a fault of the request', async (body, type) => {
    const answer = await put(await idOf(), body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type, loc: ['body', Object.keys(body)[0]] }]);
  });

  test('each status can follow each', async () => {
    const id = await idOf();
    for (const status of ['done', 'todo', 'in_progress', 'todo', 'done', 'in_progress', 'done']) {
      expect((await put(id, { status })).body.data['status']).toBe(status);
    }
  });

  test('a task that is not there is named as an object, unlike when reading', async () => {
    for (const id of [99_999_999, await idOf({}, stranger)]) {
      const answer = await put(id, { content: 'mine' });
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toEqual({ message: 'Task not found', code: 'TASK_INVALID_REFERENCE' });
      expect((await get(id)).body).toMatchObject({ detail: 'Task not found', error: { code: 'task_not_found' } });
    }
  });

  test("what it is made to refer to must be there, and the user's own", async () => {
    const id = await idOf();
    const cases: [object, string][] = [
      [{ parent_id: await idOf({}, stranger) }, 'Parent task not found'],
      [{ parent_id: 99_999_999 }, 'Parent task not found'],
      [{ topic_id: 1 }, 'Topic not found'],
    ];
    for (const [body, message] of cases) {
      const answer = await put(id, body);
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toEqual({ message, code: 'TASK_INVALID_REFERENCE' });
    }
  });

  test('no task is its own parent or ancestor', async () => {
    const top = await idOf();
    const middle = await idOf({ parent_id: top });
    const bottom = await idOf({ parent_id: middle });
    for (const parent_id of [top, middle, bottom]) {
      const answer = await put(top, { parent_id });
      expect(answer.status).toBe(400);
      expect(answer.body.detail).toMatchObject({ code: 'TASK_PARENT_ERROR' });
    }
    expect((await put(bottom, { parent_id: top })).status).toBe(200);
    expect((await put(middle, { parent_id: bottom })).status).toBe(200);
  });
});

test('a task is deleted with all that is below it, and with nothing else', async () => {
  const top = await idOf();
  const middle = await idOf({ parent_id: top });
  const bottom = await idOf({ parent_id: middle });
  const beside = await idOf({ parent_id: top });
  const answer = await send('DELETE', `/${middle}`);
  expect(answer.status).toBe(200);
  expect(answer.text).toBe('{"message":"Task deleted successfully"}');
  const statuses = await Promise.all([top, middle, bottom, beside].map(async (id) => (await get(id)).status));
  expect(statuses).toEqual([200, 404, 404, 200]);
  expect((await send('DELETE', `/${middle}`)).body.detail).toBe('Task not found');
});
