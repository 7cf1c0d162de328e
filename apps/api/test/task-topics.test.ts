/** Tasks over REST once there are topics: nothing of tasks need change for them but what is looked up. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApi } from '../src/routers/api.ts';
import type { App } from '../src/routers/app-instance.ts';
import { tasksRouter } from '../src/routers/tasks.router.ts';
import { requestsTo } from './support/rest.ts';
import { openTasks, type TaskParts, topic } from './support/tasks.ts';

let parts: TaskParts;
let app: App;
let url: string;

beforeAll(async () => {
  parts = openTasks([topic(3, 'Work')]);
  const { service: tasks, realtime, principal } = parts;
  app = await createApi({
    routers: [tasksRouter({ tasks, position: (channels) => realtime.service.position(channels) })],
    realtime,
    authenticator: { authenticate: () => principal },
    checks: {},
    docs: { tags: [], version: '0.0.0', publicUrl: undefined },
    logger: pino({ level: 'silent' }),
    origins: () => false,
    maxBodyBytes: 10_000,
    rateLimits: false,
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  await parts.close();
});

const send = (method: string, path: string, body?: unknown) =>
  requestsTo(url)(method, `/v1/tasks${path}`, { token: 'any', ...(body !== undefined && { body }) });

test('a topic is set, shown, listed by, and taken away', async () => {
  const shown = {
    name: 'Work',
    icon: '📁',
    id: 3,
    user_id: parts.anna.userId,
    created_at: '1970-01-01T00:00:00Z',
    updated_at: null,
  };
  const created = await send('POST', '', { content: 'a task', topic_id: 3 });
  expect(created.status).toBe(201);
  expect(created.body.data).toMatchObject({ topic_id: 3, topic: shown });
  expect(created.text.indexOf('"id":')).toBeLessThan(created.text.indexOf('"topic":{'));
  const { id } = created.body.data;
  await send('POST', '', { content: 'another' });
  const page = { items: [created.body.data], total: 1, page: 1, size: 50, pages: 1 };
  expect((await send('GET', '/by-topic/3')).body).toEqual({ data: page, message: 'Retrieved 1 tasks for topic', error: null });
  expect((await send('GET', '?topic_id=3')).body).toEqual({ data: page, message: 'Retrieved 1 tasks', error: null });
  expect((await send('PUT', `/${id}/topic`)).body.data).toMatchObject({ topic_id: null, topic: null, version: 2 });
  expect((await send('PUT', `/${id}/topic?topic_id=3`)).body.data).toMatchObject({ topic_id: 3, topic: shown, version: 3 });
  expect((await send('PUT', `/${id}`, { topic_id: null })).body.data).toMatchObject({ topic_id: 3, version: 3 });
});
