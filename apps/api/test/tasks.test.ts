/** Tasks created and listed over REST, beyond what holds for every resource. Source: REST specification, section "Tasks". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
let server: TestServer;
let user: Registered;
let stranger: Registered;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.register();
  stranger = await server.register();
});
afterAll(() => server.close());

const create = (body: unknown, { token } = user) => server.request('POST', '/v1/tasks', { token, body });
const get = (path: string, { token } = user) => server.request('GET', `/v1/tasks${path}`, { token });
const idOf = async (body: object, by = user): Promise<number> =>
  Number((await create({ content: 'a task', ...body }, by)).body.data['id']);
const noteOf = async ({ token }: Registered): Promise<number> =>
  Number((await server.request('POST', '/v1/notes', { token, body: { content: 'a note' } })).body.data['id']);
const reference = (message: string) => ({
  detail: { message, code: 'TASK_INVALID_REFERENCE' },
  data: null,
  message,
  error: { code: 'TASK_INVALID_REFERENCE', message },
});

describe('creating', () => {
  test('gives the whole task, in the order of keys that clients know', async () => {
    const [parent_id, note_id] = [await idOf({}), await noteOf(user)];
    const given = {
      content: ' write the report ',
      status: 'in_progress',
      priority: 'urgent',
      due_date: '2040-02-29T23:30:00+05:30',
      tags: ['work', '', 'work'],
      parent_id,
      note_id,
      topic_id: null,
    };
    const answer = await create(given);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
    const { created_at } = answer.body.data;
    expect(created_at).toMatch(TIME);
    const data = {
      ...given,
      due_date: '2040-02-29T18:00:00Z',
      id: expect.any(Number),
      user_id: user.id,
      processing_status: 'pending',
      enrichment_data: null,
      processed_at: null,
      created_at,
      updated_at: created_at,
      topic: null,
      version: 1,
    };
    expect(answer.body).toEqual({ data, message: 'Task created successfully and queued for processing', error: null });
    expect(Object.keys(answer.body.data)).toEqual(Object.keys(data));
  });

  test('needs nothing but content, and ignores what it does not know', async () => {
    const answer = await create({
      content: 'a',
      processing_status: 'completed',
      id: 7,
      user_id: stranger.id,
      topic: {},
      version: 9,
    });
    expect(answer.status).toBe(201);
    expect(answer.body.data).toMatchObject({
      status: 'todo',
      priority: 'medium',
      due_date: null,
      tags: [],
      parent_id: null,
      note_id: null,
      topic_id: null,
      processing_status: 'pending',
      version: 1,
    });
  });

  test('takes null for what need not be given, and integers in their other spellings', async () => {
    const parent_id = await idOf({});
    const nothing = { due_date: null, tags: null, parent_id: null, note_id: null, topic_id: null };
    expect((await create({ content: 'a', ...nothing })).body.data).toMatchObject({ ...nothing, tags: [] });
    for (const spelled of [String(parent_id), ` +${parent_id}.0 `]) {
      expect((await create({ content: 'a', parent_id: spelled })).body.data['parent_id']).toBe(parent_id);
    }
  });

  test.each([' ', '\n\t', '\u3000'])('content of nothing but white space is refused (%#)', async (content) => {
    const answer = await create({ content });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      detail: { message: 'Task content cannot be empty', code: 'TASK_CONTENT_ERROR' },
      data: null,
      message: 'Task content cannot be empty',
      error: { code: 'TASK_CONTENT_ERROR', message: 'Task content cannot be empty' },
    });
  });

  test('512 characters are taken, whatever their bytes, and no more', async () => {
    const content = '👋'.repeat(512);
    expect((await create({ content })).body.data['content']).toBe(content);
    const answer = await create({ content: `${content}!` });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'string_too_long', loc: ['body', 'content'], ctx: { max_length: 512 } }]);
  });

  test.each([
    ['2040-01-01T00:00:00Z', '2040-01-01T00:00:00Z'],
    ['2040-01-01 00:00-0800', '2040-01-01T08:00:00Z'],
    ['2040-01-01T00:00:00.999+00:00', '2040-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
    [2_208_988_800, '2040-01-01T00:00:00Z'],
    ['2208988800000', '2040-01-01T00:00:00Z'],
  ])('a due date of %j is %s', async (due_date, shown) => {
    const answer = await create({ content: 'a', due_date });
    expect(answer.status).toBe(201);
    expect(answer.body.data['due_date']).toBe(shown);
  });

  test.each([
    ['2040-01-01T00:00:00', 'Due date must name its time zone'],
    ['2040-01-01', 'Due date must name its time zone'],
    ['2020-01-01T00:00:00Z', 'Due date cannot be in the past'],
    [0, 'Due date cannot be in the past'],
  ])('a due date of %j is refused', async (due_date, message) => {
    const answer = await create({ content: 'a', due_date });
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toEqual({ message, code: 'TASK_DATE_ERROR' });
  });

  test.each([0, -1])('parent %i is refused', async (parent_id) => {
    const answer = await create({ content: 'a', parent_id });
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toEqual({ message: 'Parent task must have a number above 0', code: 'TASK_PARENT_ERROR' });
  });

  test("what it refers to must be there, and the user's own", async () => {
    const [task, note] = [await idOf({}, stranger), await noteOf(stranger)];
    const faults: [object, string][] = [
      [{ parent_id: task }, 'Parent task not found'],
      [{ parent_id: 99_999_999 }, 'Parent task not found'],
      [{ note_id: note }, 'Note not found'],
      [{ note_id: 99_999_999 }, 'Note not found'],
      [{ topic_id: 1 }, 'Topic not found'],
    ];
    const { total } = (await get('')).body.data;
    for (const [body, message] of faults) {
      const answer = await create({ content: 'a', ...body });
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual(reference(message));
    }
    expect((await get('')).body.data['total']).toBe(total);
  });

  test.each([
    [{}, [{ type: 'missing', loc: ['body', 'content'] }]],
    [{ content: '' }, [{ type: 'string_too_short', loc: ['body', 'content'], ctx: { min_length: 1 } }]],
    [{ content: 5 }, [{ type: 'string_type', loc: ['body', 'content'] }]],
    [
      { content: 'a', status: null, priority: 'HIGH' },
      [
        { type: 'enum', loc: ['body', 'status'], ctx: { expected: "'todo', 'in_progress' or 'done'" } },
        { type: 'enum', loc: ['body', 'priority'], ctx: { expected: "'low', 'medium', 'high' or 'urgent'" } },
      ],
    ],
    [{ content: 'a', status: 'Done' }, [{ type: 'enum', loc: ['body', 'status'], input: 'Done' }]],
    [{ content: 'a', priority: null }, [{ type: 'enum', loc: ['body', 'priority'] }]],
    [{ content: 'a', due_date: '' }, [{ type: 'datetime_from_date_parsing', loc: ['body', 'due_date'] }]],
    [{ content: 'a', due_date: '20400101T000000Z' }, [{ type: 'datetime_from_date_parsing', loc: ['body', 'due_date'] }]],
    [{ content: 'a', due_date: true }, [{ type: 'datetime_type', loc: ['body', 'due_date'] }]],
    [{ content: 'a', tags: 'x' }, [{ type: 'list_type', loc: ['body', 'tags'] }]],
    [{ content: 'a\u0000' }, [{ type: 'string_null', loc: ['body', 'content'] }]],
    [{ content: 'a', tags: ['x\u0000'] }, [{ type: 'string_null', loc: ['body', 'tags', 0] }]],
    [{ content: 'a', tags: ['x', 1] }, [{ type: 'string_type', loc: ['body', 'tags', 1] }]],
    [{ content: 'a', parent_id: 'x' }, [{ type: 'int_parsing', loc: ['body', 'parent_id'] }]],
    [{ content: 'a', parent_id: 1.5 }, [{ type: 'int_from_float', loc: ['body', 'parent_id'] }]],
    [
      { content: 'a', note_id: 0, topic_id: -1 },
      [
        { type: 'greater_than', loc: ['body', 'note_id'], ctx: { gt: 0 } },
        { type: 'greater_than', loc: ['body', 'topic_id'], ctx: { gt: 0 } },
      ],
    ],
  ])('%j is a fault of the request', async (body, faults) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject(faults);
    expect(answer.body.detail).toHaveLength(faults.length);
  });
});

describe('listing', () => {
  let reader: Registered;
  let top: number;

  beforeAll(async () => {
    reader = await server.register();
    top = await idOf({ content: 'top', priority: 'low' }, reader);
    await idOf({ content: 'high late', priority: 'high', due_date: '2040-01-02T00:00:00Z', status: 'done' }, reader);
    await idOf({ content: 'high soon', priority: 'high', due_date: '2040-01-01T00:00:00Z', parent_id: top }, reader);
    await idOf({ content: 'high sometime', priority: 'high', parent_id: top }, reader);
    await idOf({ content: 'urgent', priority: 'urgent', due_date: '2041-01-01T00:00:00Z', status: 'in_progress' }, reader);
  });

  const list = async (query: string) => {
    const { status, body } = await get(query, reader);
    const contents = ((body.data?.['items'] ?? []) as { content: string }[]).map(({ content }) => content);
    return { status, contents, total: body.data?.['total'], pages: body.data?.['pages'], message: body.message };
  };

  test('begins with the most urgent; of these without a due date, then the earliest', async () => {
    expect(await list('')).toEqual({
      status: 200,
      contents: ['urgent', 'high sometime', 'high soon', 'high late', 'top'],
      total: 5,
      pages: 1,
      message: 'Retrieved 5 tasks',
    });
  });

  test.each([
    ['status=done', ['high late']],
    ['status=todo', ['high sometime', 'high soon', 'top']],
    ['priority=high', ['high sometime', 'high soon', 'high late']],
    ['due_before=2040-01-01T00:00:00Z', ['high soon']],
    ['due_before=2040-01-02', ['high soon', 'high late']],
    ['due_after=2040-01-02T01:00:00%2B01:00', ['urgent', 'high late']],
    ['due_after=2208988800&due_before=2208988800', ['high soon']],
    ['priority=high&status=todo', ['high sometime', 'high soon']],
    ['priority=medium', []],
    ['parent_id=0', []],
    ['parent_id=99999999', []],
    ['source_note_id=1', ['urgent', 'high sometime', 'high soon', 'high late', 'top']],
    ['status=todo&status=done', ['high late']],
  ])('%s filters, and the total with it', async (query, contents) => {
    expect(await list(`?${query}`)).toMatchObject({ status: 200, contents, total: contents.length });
    const paged = await list(`?${query}&size=1&page=2`);
    expect(paged).toMatchObject({ contents: contents.slice(1, 2), total: contents.length, pages: contents.length });
  });

  test('of one parent has its direct subtasks, as the route of its own has', async () => {
    expect(await list(`?parent_id=${top}`)).toMatchObject({ contents: ['high sometime', 'high soon'], total: 2 });
    expect(await list(`/${top}/subtasks`)).toEqual({
      status: 200,
      contents: ['high sometime', 'high soon'],
      total: 2,
      pages: 1,
      message: 'Retrieved 2 subtasks',
    });
    expect(await list(`/${top}/subtasks?size=1&page=2`)).toMatchObject({ contents: ['high soon'], total: 2, pages: 2 });
    expect((await get(`?parent_id=${top}`)).body.data).toMatchObject({ items: [], total: 0 });
    expect((await get(`/${top}/subtasks`)).body.detail).toBe('Parent task not found');
    expect((await get('/99999999/subtasks')).status).toBe(404);
  });

  test('under a topic that is not there is told so, each route in its own words', async () => {
    const filtered = await get('?topic_id=1');
    expect(filtered.status).toBe(404);
    expect(filtered.body).toEqual(reference('Topic not found'));
    const byTopic = await get('/by-topic/1');
    expect(byTopic.status).toBe(404);
    expect(byTopic.body).toEqual({ ...reference('Topic not found'), detail: { message: 'Topic not found' } });
  });

  test.each([
    ['?status=DONE', ['query', 'status']],
    ['?status=', ['query', 'status']],
    ['?priority=asap', ['query', 'priority']],
    ['?due_before=soon', ['query', 'due_before']],
    ['?due_after=', ['query', 'due_after']],
    ['?parent_id=', ['query', 'parent_id']],
    ['?topic_id=x', ['query', 'topic_id']],
    ['/by-topic/x', ['path', 'topic_id']],
    ['/x/subtasks', ['path', 'task_id']],
    ['/1/subtasks?size=0', ['query', 'size']],
    ['/by-topic/1?page=0', ['query', 'page']],
    ['/processing/x', ['path', 'task_id']],
  ])('%s is a fault of the request', async (path, loc) => {
    const answer = await get(path, reader);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ loc }]);
  });

  test('[P11] carries a position, on every route that reads', async () => {
    const paths = ['', `/${top}`, `/${top}/subtasks`, `/processing/${top}`];
    const cursors = await Promise.all(paths.map(async (path) => (await get(path, reader)).headers.get('friday-cursor')));
    expect(cursors[0]).toMatch(/^user\.5\./);
    expect(new Set(cursors).size).toBe(1);
  });
});
