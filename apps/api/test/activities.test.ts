/** Activities created and read over REST, beyond what holds for every resource. Source: REST specification, section "Activities". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GIVEN_ACTIVITY as given, setProcessed } from './support/activities.ts';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
let server: TestServer;
let user: Registered;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.register();
});
afterAll(() => server.close());

const create = (body: unknown) => server.request('POST', '/v1/activities', { token: user.token, body });
const get = (id: unknown, rest = '') => server.request('GET', `/v1/activities/${id}${rest}`, { token: user.token });
const createdId = async (): Promise<number> => Number((await create(given)).body.data['id']);

describe('creating', () => {
  test('gives the whole activity, in the order that older clients know', async () => {
    const answer = await create(given);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      data: {
        id: expect.any(Number),
        ...given,
        user_id: user.id,
        moment_count: 0,
        created_at: expect.stringMatching(TIME),
        updated_at: null,
        moments: null,
        processing_status: 'pending',
        schema_render: null,
        processed_at: null,
        version: 1,
      },
      message: 'Activity created successfully',
      error: null,
    });
    expect(Object.keys(answer.body.data)).toEqual([
      ...['id', 'name', 'description', 'activity_schema', 'icon', 'color', 'user_id', 'moment_count', 'created_at', 'updated_at'],
      ...['moments', 'processing_status', 'schema_render', 'processed_at', 'version'],
    ]);
  });

  test('takes two of the same name, and ignores what it does not know', async () => {
    const [first, second] = [await create(given), await create({ ...given, processing_status: 'failed', moments: [1], id: 1 })];
    expect(second.status).toBe(201);
    expect(second.body.data).toMatchObject({ name: first.body.data['name'], processing_status: 'pending', moments: null });
  });

  test('keeps the order of the keys in a schema', async () => {
    const activitySchema =
      '{"type":"object","properties":{"z":{"type":"string"},"a":{"$ref":"#/properties/z"}},"__proto__":{"x":1}}';
    const { activity_schema: _, ...rest } = given;
    const answer = await create(`${JSON.stringify(rest).slice(0, -1)},"activity_schema":${activitySchema}}`);
    expect(answer.status).toBe(201);
    expect(answer.text).toContain(activitySchema);
    expect((await get(answer.body.data['id'])).text).toContain(activitySchema);
  });

  test.each(['name', 'description', 'icon', 'color'])('needs a %s that is text', async (field) => {
    const { [field]: _, ...rest } = given as Record<string, unknown>;
    const missing = await create(rest);
    expect(missing.status).toBe(422);
    expect(missing.body.detail).toMatchObject([{ type: 'missing', loc: ['body', field] }]);
    for (const value of [null, 5, true, ['x'], { a: 1 }]) {
      const answer = await create({ ...given, [field]: value });
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ type: 'string_type', loc: ['body', field] }]);
    }
  });

  test('needs a schema that is an object', async () => {
    for (const value of [null, 5, true, 'x', [given.activity_schema]]) {
      const answer = await create({ ...given, activity_schema: value });
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ type: 'dict_type', loc: ['body', 'activity_schema'] }]);
    }
  });

  test('names all faults of the form at once', async () => {
    const answer = await create({ color: 5 });
    expect(answer.status).toBe(422);
    expect((answer.body.detail as { loc: string[] }[]).map(({ loc }) => loc[1])).toEqual([
      ...['name', 'description', 'activity_schema', 'icon', 'color'],
    ]);
  });

  test.each([
    [{ name: '' }, 'name must not be empty'],
    [{ description: '' }, 'description must not be empty'],
    [{ icon: '' }, 'icon must not be empty'],
    [{ name: 'x'.repeat(256) }, 'name must have at most 255 characters'],
    [{ icon: '🏃'.repeat(256) }, 'icon must have at most 255 characters'],
    [{ description: 'x'.repeat(10_001) }, 'description must have at most 10000 characters'],
    [{ color: '' }, 'color must be # and six hex digits'],
    [{ color: '2E7d32' }, 'color must be # and six hex digits'],
    [{ color: '#2E7d3' }, 'color must be # and six hex digits'],
    [{ activity_schema: {} }, 'activity_schema.type must be "object"; activity_schema.properties must be an object'],
    [{ activity_schema: { type: 'array', properties: {} } }, 'activity_schema.type must be "object"'],
    [{ activity_schema: { type: 'object' } }, 'activity_schema.properties must be an object'],
    [
      { activity_schema: { type: 'object', patternProperties: { '^x': { type: 'string' } } } },
      'activity_schema.properties must be an object',
    ],
    [
      { activity_schema: { type: 'object', properties: { a: { enum: [1] } } } },
      'activity_schema.properties.a must have a type or a $ref',
    ],
    [
      { activity_schema: { type: 'object', properties: { a: { $ref: 'https://example.org' } } } },
      'activity_schema.properties.a.$ref must point into the same schema, and start with #',
    ],
    [
      { name: '', activity_schema: { type: 'object', properties: {}, required: ['a'] } },
      'name must not be empty; activity_schema.required needs properties',
    ],
  ])('with what has the form but makes no sense is refused in the body that older clients know (%#)', async (fault, text) => {
    const answer = await create({ ...given, ...fault });
    const message = `Failed to create activity: ${text}`;
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      detail: { message, code: 'ACTIVITY_INVALID' },
      data: null,
      message,
      error: { code: 'ACTIVITY_INVALID', message },
    });
  });

  test.each([
    { description: 'x'.repeat(5_000) },
    { name: '👋'.repeat(255), icon: '👋'.repeat(255), description: '👋'.repeat(10_000) },
    { name: ' ', color: '#ABCDEF' },
    { activity_schema: { type: 'object', properties: {} } },
    { activity_schema: { type: 'object', properties: { a: { type: 'nonsense' } } } },
    { name: "'; DROP TABLE activities; --", description: '\u0001\u202e{faults}', icon: '"\\' },
  ])('%# is taken as it is', async (fields) => {
    const answer = await create({ ...given, ...fields });
    expect(answer.status).toBe(201);
    expect((await get(answer.body.data['id'])).body.data).toMatchObject({ ...given, ...fields });
  });

  test.each(['name', 'description', 'icon', 'color'])('U+0000 in its %s is a fault of the request', async (field) => {
    const answer = await create({ ...given, [field]: 'a\0b' });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'string_null', loc: ['body', field] }]);
  });

  test('U+0000 in its schema is refused as the schema, at its place', async () => {
    const answer = await create({ ...given, activity_schema: { ...given.activity_schema, title: '\0', 'x\0': 1 } });
    expect(answer.status).toBe(400);
    expect(answer.body.error?.message).toContain('.title cannot hold the character U+0000');
    expect(answer.body.error?.message).toContain('["x\\u0000"] cannot hold the character U+0000');
  });

  test('a schema nested so deeply that no body may be is a fault of the request', async () => {
    const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
    const answer = await create(`{"name":"a","description":"a","icon":"a","color":"#000000","activity_schema":${deep}}`);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'json_invalid' }]);
  });
});

describe('reading', () => {
  test('lists are in the order of creation, with moments an empty list', async () => {
    const reader = await server.register();
    for (const name of ['c', 'a', 'b']) {
      await server.request('POST', '/v1/activities', { token: reader.token, body: { ...given, name } });
    }
    const answer = await server.request('GET', '/v1/activities', { token: reader.token });
    expect(answer.body.message).toBe('Retrieved 3 activities');
    expect(answer.body.data).toMatchObject({ total: 3, page: 1, size: 50, pages: 1 });
    expect(answer.body.data['items']).toMatchObject([
      { name: 'c', moments: [], moment_count: 0, activity_schema: given.activity_schema },
      { name: 'a', moments: [] },
      { name: 'b', moments: [] },
    ]);
  });

  test('one activity has null for no moments, and no message', async () => {
    const answer = await get(await createdId());
    expect(answer.body).toMatchObject({ data: { moments: null, moment_count: 0 }, message: null, error: null });
  });

  test('[P11] how far processing has come', async () => {
    const id = await createdId();
    const pending = await get(id, '/processing-status');
    expect(pending.status).toBe(200);
    expect(pending.text).toBe(
      '{"data":{"status":"pending","processed_at":null,"schema_render":null},"message":"Retrieved processing status","error":null}',
    );
    expect(pending.headers.get('friday-cursor')).toMatch(/^user\.\d+\.\S+~broadcast\./);
    setProcessed(server.storage, id, 'completed');
    expect((await get(id, '/processing-status')).body.data).toEqual({
      status: 'completed',
      processed_at: '1970-01-01T00:00:01Z',
      schema_render: { title: 'Run', formatted: '{km} km' },
    });
    expect((await get(id)).body.data).toMatchObject({ processing_status: 'completed', processed_at: '1970-01-01T00:00:01Z' });
  });
});

test('deleting says so', async () => {
  const id = await createdId();
  const answer = await server.request('DELETE', `/v1/activities/${id}`, { token: user.token });
  expect(answer.text).toBe('{"message":"Activity deleted successfully"}');
  expect((await get(id)).status).toBe(404);
});
