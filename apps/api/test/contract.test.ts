/** What holds for every kind of resource: the list in `resources.ts` is all that these tests know. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RESOURCES } from '../src/resource-list.ts';
import { listen } from './support/listener.ts';
import { type Answer, type Registered, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let owner: Registered;
let stranger: Registered;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.register();
  stranger = await server.register();
});
afterAll(() => server.close());

test('kinds and collections are unique', () => {
  expect(new Set(RESOURCES.map(({ kind }) => kind)).size).toBe(RESOURCES.length);
  expect(new Set(RESOURCES.map(({ collection }) => collection)).size).toBe(RESOURCES.length);
});

describe.each(RESOURCES)('$kind', ({ kind, collection, examples }) => {
  const create = (by: Registered) => server.request('POST', collection, { token: by.token, body: examples.create });
  const itemOf = (answer: Answer) => `${collection}/${answer.body.data['id']}`;

  test('is created at version 1, with an ETag, and `id` before any nested object', async () => {
    const answer = await create(owner);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toMatchObject({ data: { ...examples.create, user_id: owner.id, version: 1 }, error: null });
    const names = Object.keys(answer.body.data);
    const nested = names.findIndex((name) => JSON.stringify(answer.body.data[name]).includes('{'));
    expect(nested === -1 || names.indexOf('id') < nested).toBe(true);
    expect(answer.text).not.toMatch(/[,:] "/);
  });

  test('is read as it was written', async () => {
    const created = await create(owner);
    const read = await server.request('GET', itemOf(created), { token: owner.token });
    expect(read.status).toBe(200);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.body).toEqual({ data: created.body.data, message: null, error: null });
  });

  test('[P15] its version rises by one with each change, and not where nothing changes', async () => {
    const item = itemOf(await create(owner));
    const first = await server.request('PUT', item, { token: owner.token, body: examples.update });
    expect(first.status).toBe(200);
    expect(first.headers.get('etag')).toBe('"2"');
    expect(first.body.data).toMatchObject({ ...examples.update, version: 2 });
    const again = await server.request('PUT', item, { token: owner.token, body: examples.update });
    expect(again.headers.get('etag')).toBe('"2"');
    expect(again.body.data).toEqual(first.body.data);
    const empty = await server.request('PUT', item, { token: owner.token, body: {} });
    expect(empty.body.data).toEqual(first.body.data);
  });

  test('is gone after its deletion', async () => {
    const item = itemOf(await create(owner));
    const deleted = await server.request('DELETE', item, { token: owner.token });
    expect(deleted.status).toBe(200);
    expect(Object.keys(JSON.parse(deleted.text))).toEqual(['message']);
    for (const method of ['GET', 'DELETE']) expect((await server.request(method, item, { token: owner.token })).status).toBe(404);
  });

  test("a number is never given twice, so that a deleted one's version cannot match another", async () => {
    const first = await create(owner);
    await server.request('DELETE', itemOf(first), { token: owner.token });
    expect((await create(owner)).body.data['id']).toBeGreaterThan(Number(first.body.data['id']));
  });

  test("another user's is as if it were not there", async () => {
    const item = itemOf(await create(owner));
    const missing = await server.request('GET', `${collection}/987654321`, { token: stranger.token });
    expect(missing.status).toBe(404);
    const foreign = await Promise.all([
      server.request('GET', item, { token: stranger.token }),
      server.request('PUT', item, { token: stranger.token, body: examples.update }),
      server.request('DELETE', item, { token: stranger.token, headers: { 'if-match': '"1"' } }),
    ]);
    for (const answer of foreign) expect(answer.status).toBe(404);
    expect(foreign[0]?.text).toBe(missing.text);
    expect((await server.request('GET', item, { token: owner.token })).body.data['version']).toBe(1);
  });

  test('changes only at an expected version', async () => {
    const item = itemOf(await create(owner));
    const put = (ifMatch: string) =>
      server.request('PUT', item, { token: owner.token, body: examples.update, headers: { 'if-match': ifMatch } });
    const refused = await put('"2"');
    expect(refused.status).toBe(412);
    expect(refused.body.error?.code).toBe('version_mismatch');
    expect(refused.body.detail).toMatchObject({ code: 'version_mismatch', version: 1 });
    expect((await put('W/"1"')).status).toBe(412);
    expect((await put('"x", "7"')).status).toBe(412);
    expect((await put('"5", "1"')).status).toBe(200);
    const remove = (ifMatch: string) => server.request('DELETE', item, { token: owner.token, headers: { 'if-match': ifMatch } });
    expect((await remove('"1"')).status).toBe(412);
    expect((await remove('*')).status).toBe(200);
  });

  test('of two who change the same version at once, one is refused', async () => {
    const item = itemOf(await create(owner));
    const put = () => server.request('PUT', item, { token: owner.token, body: examples.update, headers: { 'if-match': '"1"' } });
    const both = await Promise.all([put(), put()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  });

  test('an If-Match that is no list of tags is a fault of the request', async () => {
    const item = itemOf(await create(owner));
    const answer = await server.request('DELETE', item, { token: owner.token, headers: { 'if-match': '1' } });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'string_pattern_mismatch', loc: ['header', 'if-match'], input: '1' }]);
  });

  test('[P10] [P17] each change is announced to all connections of its user, and to nobody else', async () => {
    const [first, second, other] = await Promise.all([
      listen(server.url, owner.token),
      listen(server.url, owner.token),
      listen(server.url, stranger.token),
    ]);
    const created = await create(owner);
    const item = itemOf(created);
    await server.request('PUT', item, { token: owner.token, body: examples.update });
    await server.request('PUT', item, { token: owner.token, body: examples.update });
    await server.request('DELETE', item, { token: owner.token });
    const foreign = await create(stranger);
    const resource = { kind, id: created.body.data['id'], href: item };
    const expected = [
      { type: `${kind}.created`, resource: { ...resource, version: 1 } },
      { type: `${kind}.updated`, resource: { ...resource, version: 2 }, changed: Object.keys(examples.update) },
      { type: `${kind}.deleted`, resource: { ...resource, version: 3 } },
    ];
    expect(await first.next(3)).toMatchObject(expected);
    expect(await second.next(3)).toMatchObject(expected);
    expect(await other.next(1)).toMatchObject([{ type: `${kind}.created`, resource: { id: foreign.body.data['id'] } }]);
    for (const listener of [first, second, other]) listener.close();
  });

  test('[P18] the client that caused a change is named in its notification', async () => {
    const listener = await listen(server.url, owner.token);
    const headers = { 'friday-client-id': 'a'.repeat(64) };
    const created = await server.request('POST', collection, { token: owner.token, body: examples.create, headers });
    await server.request('PUT', itemOf(created), { token: owner.token, body: examples.update, headers });
    await server.request('DELETE', itemOf(created), { token: owner.token, headers });
    expect((await listener.next(3)).map(({ origin }) => origin)).toEqual([
      headers['friday-client-id'],
      headers['friday-client-id'],
      headers['friday-client-id'],
    ]);
    listener.close();
  });

  test.each(['', 'a'.repeat(65)])('a client id of the wrong length is a fault of the request (%#)', async (id) => {
    const headers = { 'friday-client-id': id };
    const item = itemOf(await create(owner));
    const answers = await Promise.all([
      server.request('POST', collection, { token: owner.token, body: examples.create, headers }),
      server.request('PUT', item, { token: owner.token, body: examples.update, headers }),
      server.request('DELETE', item, { token: owner.token, headers }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ loc: ['header', 'friday-client-id'] }]);
    }
  });

  test('[P11] reads carry a position from which nothing is missed', async () => {
    const item = itemOf(await create(owner));
    const [list, one] = await Promise.all([
      server.request('GET', collection, { token: owner.token }),
      server.request('GET', item, { token: owner.token }),
    ]);
    const cursor = list.headers.get('friday-cursor') ?? '';
    expect(cursor).toMatch(/^user\.\d+\.\S+~broadcast\.0\.\S+$/);
    expect(one.headers.get('friday-cursor')).toBe(cursor);
    const later = await create(owner);
    const listener = await listen(server.url, owner.token, cursor);
    expect(await listener.next(1)).toMatchObject([{ type: `${kind}.created`, resource: { id: later.body.data['id'] } }]);
    listener.close();
  });

  test('is paged, each user seeing only their own', async () => {
    const reader = await server.register();
    const ids: unknown[] = [];
    for (let count = 0; count < 5; count += 1) ids.push((await create(reader)).body.data['id']);
    const page = async (query: string) => (await server.request('GET', `${collection}?${query}`, { token: reader.token })).body;
    const first = await page('size=2');
    expect(first.data).toMatchObject({ total: 5, page: 1, size: 2, pages: 3 });
    expect(Object.keys(first.data)).toEqual(['items', 'total', 'page', 'size', 'pages']);
    expect(first.message).toMatch(/^Retrieved 5 /);
    const pages = await Promise.all([first, page('size=2&page=2'), page('size=2&page=3')]);
    const seen = pages.flatMap(({ data }) => (data['items'] as { id: number }[]).map(({ id }) => id));
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect((await page('page=9007199254740993&size=100')).data).toMatchObject({ items: [], total: 5, pages: 1 });
    const nobody = await server.register();
    const empty = await server.request('GET', collection, { token: nobody.token });
    expect(empty.body.data).toEqual({ items: [], total: 0, page: 1, size: 50, pages: 0 });
  });

  test.each(['page=0', 'page=-1', 'page=x', 'page=', 'page=1.5', 'size=0', 'size=101', 'size=', 'size=true'])(
    '%s is refused',
    async (query) => {
      const answer = await server.request('GET', `${collection}?${query}`, { token: owner.token });
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ loc: ['query', query.split('=')[0]] }]);
    },
  );

  test.each(['?page=2&page=1', '?page=1.0', '?size=%2B5', '?unknown=1'])('%s is taken', async (query) => {
    expect((await server.request('GET', collection + query, { token: owner.token })).status).toBe(200);
  });

  test.each(['abc', '1.5', '1e3', '%20', 'null'])('%s is no number of a resource', async (id) => {
    const { token } = owner;
    const answers = await Promise.all([
      server.request('GET', `${collection}/${id}`, { token }),
      server.request('PUT', `${collection}/${id}`, { token, body: examples.update }),
      server.request('DELETE', `${collection}/${id}`, { token }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([
        { type: 'int_parsing', loc: ['path', `${kind}_id`], input: decodeURIComponent(id) },
      ]);
    }
  });

  test.each(['0', '-1', '99999999999999999999'])('%s is the number of none', async (id) => {
    expect((await server.request('GET', `${collection}/${id}`, { token: owner.token })).status).toBe(404);
  });

  test('needs a token everywhere', async () => {
    const item = itemOf(await create(owner));
    const answers = await Promise.all([
      server.request('GET', collection),
      server.request('POST', collection, { body: examples.create }),
      server.request('GET', item),
      server.request('PUT', item, { body: examples.update }),
      server.request('DELETE', item),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.body.detail).toEqual({
        code: 'UNAUTHORIZED',
        message: 'Invalid or missing authentication token',
        type: 'AuthenticationError',
      });
    }
  });
});
