/** One change that brings others with it: all of them are announced, the cause first. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLive } from '../support/live-socket.ts';
import { type Registered, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

const host = new ServerHost();
let server: Server;
let ann: Registered;

beforeAll(async () => {
  server = await host.start();
});
beforeEach(async () => {
  ann = await registerUser(server.request);
});
afterAll(() => host.end());

async function create(path: string, body: object): Promise<number> {
  const answer = await server.request('POST', path, { token: ann.token, body });
  expect(answer.status).toBe(201);
  return Number(answer.body.data['id']);
}

async function remove(path: string): Promise<void> {
  expect((await server.request('DELETE', path, { token: ann.token })).status).toBe(200);
}

/** Type, number and version of what is announced from now on, as far as that is one resource. */
async function announcements(count: number, change: () => Promise<void>): Promise<unknown[]> {
  const socket = await openLive(server.url, { token: ann.token });
  await change();
  const announced = await socket.first(count);
  // What is announced too much would come before the next change.
  await create('/v1/notes', { content: 'The end' });
  expect((await socket.first(count + 1)).at(-1)?.type).toBe('note.created');
  await socket.close();
  return announced.map(({ type, resource, changed, data }) => ({
    type,
    ...(resource && { id: resource.id, version: resource.version }),
    ...(changed && { changed }),
    ...(data !== undefined && { data }),
  }));
}

test('[P15] a deleted note is announced, then each task that referred to it', async () => {
  const note = await create('/v1/notes', { content: 'Shopping' });
  const tasks = [
    await create('/v1/tasks', { content: 'Milk', note_id: note }),
    await create('/v1/tasks', { content: 'Bread', note_id: note }),
  ];
  await create('/v1/tasks', { content: 'Something else' });
  expect(await announcements(3, () => remove(`/v1/notes/${note}`))).toEqual([
    { type: 'note.deleted', id: note, version: 2 },
    ...tasks.map((id) => ({ type: 'task.updated', id, version: 2, changed: ['note_id'] })),
  ]);
  for (const id of tasks) {
    const { body, headers } = await server.request('GET', `/v1/tasks/${id}`, { token: ann.token });
    expect(body.data['note_id']).toBeNull();
    expect(headers.get('etag')).toBe('"2"');
  }
});

test('[P15] a deleted task is announced, then all below it', async () => {
  const top = await create('/v1/tasks', { content: 'Move house' });
  const middle = await create('/v1/tasks', { content: 'Pack', parent_id: top });
  const bottom = await create('/v1/tasks', { content: 'Buy boxes', parent_id: middle });
  const announced = await announcements(3, () => remove(`/v1/tasks/${top}`));
  expect(announced).toEqual([top, middle, bottom].map((id) => ({ type: 'task.deleted', id, version: 2 })));
});

test('[P15b] more than a thousand deletions at once are one announcement', { timeout: 60_000 }, async () => {
  const top = await create('/v1/tasks', { content: 'Count to a thousand' });
  for (let hundred = 0; hundred < 10; hundred += 1) {
    await Promise.all(Array.from({ length: 100 }, (_, one) => create('/v1/tasks', { content: `${one}`, parent_id: top })));
  }
  const announced = await announcements(1, () => remove(`/v1/tasks/${top}`));
  expect(announced).toEqual([{ type: 'task.many', data: { count: 1_001 } }]);
  const { body } = await server.request('GET', '/v1/tasks', { token: ann.token });
  expect(body.data['total']).toBe(0);
});
