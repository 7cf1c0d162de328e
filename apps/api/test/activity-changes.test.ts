/** Activities changed and processed over REST, beyond what holds for every resource. Source: REST specification, section "Activities". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GIVEN_ACTIVITY as given, setProcessed } from './support/activities.ts';
import { listen } from './support/listener.ts';
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

const create = (body: unknown) => server.request('POST', '/v1/activities', { token: user.token, body });
const put = (id: unknown, body: unknown) => server.request('PUT', `/v1/activities/${id}`, { token: user.token, body });
const get = (id: unknown, rest = '') => server.request('GET', `/v1/activities/${id}${rest}`, { token: user.token });
const retry = (id: unknown, headers = {}) =>
  server.request('POST', `/v1/activities/${id}/retry-processing`, { token: user.token, headers });
const createdId = async (): Promise<number> => Number((await create(given)).body.data['id']);

describe('changing', () => {
  test('changes what is given and keeps the rest', async () => {
    const { data } = (await create(given)).body;
    const answer = await put(data['id'], { name: 'Walk' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.body).toEqual({
      data: { ...data, name: 'Walk', updated_at: expect.stringMatching(TIME), version: 2 },
      message: 'Activity updated successfully',
      error: null,
    });
    expect((await get(data['id'])).body.data).toEqual(answer.body.data);
  });

  test.each([
    { name: 'Walk' },
    { description: 'Indoors' },
    { activity_schema: { type: 'object', properties: {} } },
    { icon: '🚶' },
    { color: '#000000' },
  ])('%j alone is changed', async (body) => {
    const { data } = (await create(given)).body;
    const answer = await put(data['id'], body);
    expect(answer.body.data).toEqual({ ...data, ...body, updated_at: expect.stringMatching(TIME), version: 2 });
  });

  test.each([
    { name: null, description: null, activity_schema: null, icon: null, color: null },
    { name: '', description: '', icon: '', color: '' },
    { unknown: 1, moments: [], processing_status: 'failed', version: 9 },
    {},
  ])('%j changes nothing', async (body) => {
    const { data } = (await create(given)).body;
    const answer = await put(data['id'], body);
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual(data);
  });

  test('the same checks hold as when creating, and a fault changes nothing', async () => {
    const { data } = (await create(given)).body;
    const answer = await put(data['id'], { name: 'Walk', color: 'red', activity_schema: { type: 'object' } });
    const message = 'Failed to update activity: activity_schema.properties must be an object; color must be # and six hex digits';
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      detail: { message, code: 'ACTIVITY_INVALID' },
      data: null,
      message,
      error: { code: 'ACTIVITY_INVALID', message },
    });
    expect((await put(data['id'], { activity_schema: {} })).status).toBe(400);
    expect((await get(data['id'])).body.data).toEqual(data);
  });

  test('a field of a wrong type is a fault of the request', async () => {
    const id = await createdId();
    const answer = await put(id, { name: 5, activity_schema: [], color: false });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([
      { type: 'string_type', loc: ['body', 'name'] },
      { type: 'dict_type', loc: ['body', 'activity_schema'] },
      { type: 'string_type', loc: ['body', 'color'] },
    ]);
  });

  test('[P17] another schema is processed anew, and the notification says so', async () => {
    const listener = await listen(server.url, user.token);
    const id = await createdId();
    setProcessed(server.storage, id, 'completed');
    const answer = await put(id, { activity_schema: { type: 'object', properties: {} }, name: 'Run', color: '#000000' });
    expect(answer.body.data).toMatchObject({ processing_status: 'pending', schema_render: null, processed_at: null });
    const [, updated] = await listener.next(2);
    expect(updated).toMatchObject({ type: 'activity.updated', resource: { id, version: 2 } });
    expect(updated?.changed).toEqual(['activity_schema', 'color', 'processing_status', 'schema_render', 'processed_at']);
    listener.close();
  });
});

describe('trying to process again', () => {
  test.each(['failed', 'skipped'])('is done after it has %s, and announced', async (status) => {
    const listener = await listen(server.url, user.token);
    const id = await createdId();
    setProcessed(server.storage, id, status);
    const answer = await retry(id, { 'friday-client-id': 'me' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: { job_id: `activity-${id}-2` },
      message: 'Activity queued for retry processing',
      error: null,
    });
    expect((await get(id)).body.data).toMatchObject({ processing_status: 'pending', version: 2 });
    const [, updated] = await listener.next(2);
    expect(updated).toMatchObject({ type: 'activity.updated', changed: ['processing_status'], origin: 'me', resource: { id } });
    listener.close();
    expect((await retry(id)).status).toBe(400);
  });

  test.each(['not_processed', 'pending', 'processing', 'completed'])('is refused while %s', async (status) => {
    const id = await createdId();
    setProcessed(server.storage, id, status);
    const answer = await retry(id);
    const message = `Activity ${id} is not in a failed state`;
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ data: null, message, error: { code: 'ACTIVITY_NOT_FAILED', message } });
  });

  test('is done only at an expected version', async () => {
    const id = await createdId();
    setProcessed(server.storage, id, 'failed');
    expect((await retry(id, { 'if-match': '"7"' })).status).toBe(412);
    expect((await retry(id, { 'if-match': '"1"' })).status).toBe(200);
  });
});

describe("an activity that is missing, or another user's", () => {
  test('is not found on any route, in words that older clients look for', async () => {
    const own = await createdId();
    for (const [id, token] of [
      [987_654, user.token],
      [own, stranger.token],
    ] as const) {
      const path = `/v1/activities/${id}`;
      const answers = await Promise.all([
        server.request('GET', path, { token }),
        server.request('GET', `${path}/processing-status`, { token }),
        server.request('POST', `${path}/retry-processing`, { token }),
        server.request('PUT', path, { token, body: { name: 'mine' } }),
        server.request('DELETE', path, { token }),
      ]);
      for (const answer of answers) {
        expect(answer.status).toBe(404);
        expect(answer.text).toContain('"detail":"Activity not found"');
        expect(answer.body.error?.code).toBe('activity_not_found');
      }
    }
    expect((await get(own)).body.data).toMatchObject({ name: given.name, version: 1 });
  });

  test.each(['/processing-status', '/retry-processing'])('%s needs a number and a token', async (rest) => {
    const method = rest === '/processing-status' ? 'GET' : 'POST';
    const answer = await server.request(method, `/v1/activities/abc${rest}`, { token: user.token });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'int_parsing', loc: ['path', 'activity_id'] }]);
    expect((await server.request(method, `/v1/activities/1${rest}`)).status).toBe(401);
  });
});
