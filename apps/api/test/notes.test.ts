/** Notes over REST, beyond what holds for every resource. Source: REST specification, section "Notes". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from './support/listener.ts';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
let server: TestServer;
let user: Registered;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.register();
});
afterAll(() => server.close());

const create = (body: unknown) => server.request('POST', '/v1/notes', { token: user.token, body });
const put = (id: unknown, body: unknown) => server.request('PUT', `/v1/notes/${id}`, { token: user.token, body });
const get = (id: unknown) => server.request('GET', `/v1/notes/${id}`, { token: user.token });
const link = { type: 'link', url: 'https://example.org' };

describe('creating', () => {
  test('gives the whole note', async () => {
    const answer = await create({ content: ' a note ', attachments: [{ ...link, title: 'kept', nested: { x: [1, null] } }] });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      data: {
        id: expect.any(Number),
        content: ' a note ',
        user_id: user.id,
        attachments: [{ ...link, title: 'kept', nested: { x: [1, null] } }],
        processing_status: 'pending',
        enrichment_data: null,
        processed_at: null,
        created_at: expect.stringMatching(TIME),
        updated_at: null,
        version: 1,
      },
      message: 'Note created successfully',
      error: null,
    });
  });

  test('needs nothing but content, and ignores what it does not know', async () => {
    const answer = await create({ content: 'a', attachment_url: 'x', attachment_type: 'y', processing_status: 'failed', id: 7 });
    expect(answer.status).toBe(201);
    expect(answer.body.data).toMatchObject({ attachments: [], processing_status: 'pending' });
  });

  test.each([' ', '\n\t ', '\u00a0', '\u3000'])('content of nothing but white space is refused (%#)', async (content) => {
    const answer = await create({ content });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      detail: { message: 'Note content cannot be empty', code: 'NOTE_CONTENT_ERROR' },
      data: null,
      message: 'Note content cannot be empty',
      error: { code: 'NOTE_CONTENT_ERROR', message: 'Note content cannot be empty' },
    });
  });

  test.each([
    [{}, { type: 'missing', msg: 'Field required', input: {} }],
    [{ content: '' }, { type: 'string_too_short', msg: 'String should have at least 1 character', ctx: { min_length: 1 } }],
    [{ content: null }, { type: 'string_type', msg: 'Input should be a valid string', input: null }],
    [{ content: 5 }, { type: 'string_type', input: 5 }],
    [{ content: true }, { type: 'string_type', input: true }],
    [
      { content: 'x'.repeat(10_001) },
      {
        type: 'string_too_long',
        msg: 'String should have at most 10000 characters',
        ctx: { max_length: 10_000 },
        input: `${'x'.repeat(100)}…`,
      },
    ],
  ])('content of a wrong form is a fault of the request (%#)', async (body, fault) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ loc: ['body', 'content'], ...fault }]);
  });

  test('ten thousand characters are taken, whatever their bytes', async () => {
    const content = '👋'.repeat(10_000);
    const answer = await create({ content });
    expect(answer.status).toBe(201);
    expect((await get(answer.body.data['id'])).body.data['content']).toBe(content);
    expect((await create({ content: `${content}!` })).status).toBe(422);
  });

  test.each(['a\u0001b', '\ufeffa', "'; DROP TABLE notes; --", '{x}', '\u202eabc', '"\\'])(
    '%j comes back as it was',
    async (content) => {
      const answer = await create({ content });
      expect((await get(answer.body.data['id'])).body.data['content']).toBe(content);
    },
  );

  test('U+0000 is in no text', async () => {
    const { data } = (await create({ content: 'a' })).body;
    for (const answer of [await create({ content: 'a\u0000b' }), await put(data['id'], { content: '\u0000' })]) {
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ type: 'string_null', loc: ['body', 'content'] }]);
    }
  });

  test.each([
    ['{"type":"link","url":"x","size":1e400}', 'Attachment 0: size is beyond the range of numbers'],
    ['{"type":"link","url":"x","a":[{"b":-1e999}]}', 'Attachment 0: a[0].b is beyond the range of numbers'],
    ['{"type":"link","url":"a\\u0000"}', 'Attachment 0: url cannot hold the character U+0000'],
    ['{"type":"link","url":"x","a\\u0000":1}', 'Attachment 0: ["a\\u0000"] cannot hold the character U+0000'],
  ])('what could not be kept as it was given is refused, with its place (%#)', async (attachment, message) => {
    const answer = await create(`{"content":"a","attachments":[${attachment}]}`);
    expect([answer.status, answer.body.error]).toEqual([422, { code: 'NOTE_ATTACHMENT_ERROR', message }]);
  });

  test.each([
    [[{}]],
    [[{ type: 'link' }]],
    [[{ url: 'x' }]],
    [[{ type: 'Link', url: 'x' }]],
    [[{ type: 'video', url: 'x' }]],
    [[{ type: null, url: 'x' }]],
    [[{ type: 'link', url: 1 }]],
    [[{ type: 'link', url: null }]],
    [[link, { ...link, type: 'x' }]],
    [[{ type: 'constructor', url: 'x' }]],
  ])('attachments of a wrong kind are refused, when creating and when changing (%#)', async (attachments) => {
    const { data } = (await create({ content: 'a' })).body;
    for (const answer of [await create({ content: 'a', attachments }), await put(data['id'], { attachments })]) {
      expect(answer.status).toBe(422);
      expect(answer.body.error?.code).toBe('NOTE_ATTACHMENT_ERROR');
      expect(answer.body.detail).toEqual({ message: answer.body.message, code: 'NOTE_ATTACHMENT_ERROR' });
    }
  });

  test.each(['image', 'document', 'link'])('an attachment may be of type %s, its url any text', async (type) => {
    expect((await create({ content: 'a', attachments: [{ type, url: '' }] })).status).toBe(201);
  });

  test.each([
    ['x', 'list_type', ['body', 'attachments']],
    [{}, 'list_type', ['body', 'attachments']],
    [null, 'list_type', ['body', 'attachments']],
    [[1], 'dict_type', ['body', 'attachments', 0]],
    [[link, [link]], 'dict_type', ['body', 'attachments', 1]],
    [[null], 'dict_type', ['body', 'attachments', 0]],
  ])('attachments of a wrong form are a fault of the request (%#)', async (attachments, type, loc) => {
    const answer = await create({ content: 'a', attachments });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type, loc }]);
  });
});

describe('changing', () => {
  test('changes what is given and keeps the rest', async () => {
    const { data } = (await create({ content: 'a', attachments: [link] })).body;
    const content = await put(data['id'], { content: 'b' });
    expect(content.body).toEqual({
      data: { ...data, content: 'b', updated_at: expect.stringMatching(TIME), version: 2 },
      message: 'Note updated successfully',
      error: null,
    });
    const status = await put(data['id'], { processing_status: 'completed' });
    expect(status.body.data).toMatchObject({ content: 'b', attachments: [link], processing_status: 'completed', version: 3 });
    expect((await get(data['id'])).body.data).toEqual(status.body.data);
  });

  test('null attachments are none', async () => {
    const { data } = (await create({ content: 'a', attachments: [link] })).body;
    expect((await put(data['id'], { attachments: null })).body.data).toMatchObject({ attachments: [], version: 2 });
    expect((await put(data['id'], { attachments: [] })).body.data).toMatchObject({ version: 2 });
  });

  test('equal values in another order of keys change nothing', async () => {
    const { data } = (await create({ content: 'a', attachments: [{ type: 'link', url: 'x', more: { a: 1, b: [2] } }] })).body;
    const answer = await put(data['id'], { content: 'a', attachments: [{ more: { b: [2], a: 1 }, url: 'x', type: 'link' }] });
    expect(answer.body.data).toMatchObject({ version: 1, updated_at: null });
    const changed = await put(data['id'], { attachments: [{ more: { b: [3], a: 1 }, url: 'x', type: 'link' }] });
    expect(changed.body.data).toMatchObject({ version: 2 });
  });

  test('blank content is refused, and nothing is changed', async () => {
    const { data } = (await create({ content: 'a' })).body;
    const answer = await put(data['id'], { content: ' ', processing_status: 'failed' });
    expect(answer.status).toBe(400);
    expect(answer.body.error?.code).toBe('NOTE_CONTENT_ERROR');
    expect((await get(data['id'])).body.data).toEqual(data);
  });

  test.each([
    [{ content: null }, ['body', 'content'], 'string_type'],
    [{ content: '' }, ['body', 'content'], 'string_too_short'],
    [{ content: 'x'.repeat(10_001) }, ['body', 'content'], 'string_too_long'],
    [{ processing_status: null }, ['body', 'processing_status'], 'enum'],
    [{ processing_status: 'PENDING' }, ['body', 'processing_status'], 'enum'],
    [{ processing_status: 1 }, ['body', 'processing_status'], 'enum'],
    [{ attachments: 'x' }, ['body', 'attachments'], 'list_type'],
  ])('%j is a fault of the request', async (body, loc, type) => {
    const { data } = (await create({ content: 'a' })).body;
    const answer = await put(data['id'], body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type, loc }]);
  });

  test.each(['not_processed', 'pending', 'processing', 'completed', 'failed', 'skipped'])(
    'the status may be %s',
    async (status) => {
      const { data } = (await create({ content: 'a' })).body;
      expect((await put(data['id'], { processing_status: status })).body.data['processing_status']).toBe(status);
    },
  );

  test('what is told of an unknown status is what is allowed', async () => {
    const { data } = (await create({ content: 'a' })).body;
    const expected = "'not_processed', 'pending', 'processing', 'completed', 'failed' or 'skipped'";
    expect((await put(data['id'], { processing_status: 'done' })).body.detail).toEqual([
      { type: 'enum', loc: ['body', 'processing_status'], msg: `Input should be ${expected}`, input: 'done', ctx: { expected } },
    ]);
  });

  test('a missing note is not found, in words that older clients look for', async () => {
    for (const answer of [await put(987_654, {}), await get(987_654)]) {
      expect(answer.status).toBe(404);
      expect(answer.text).toContain('"detail":"Note not found"');
      expect(answer.body.error?.code).toBe('note_not_found');
    }
  });

  test('[P17] a notification names the fields that differ, and those only', async () => {
    const listener = await listen(server.url, user.token);
    const { data } = (await create({ content: 'a', attachments: [link] })).body;
    await put(data['id'], { content: 'a', processing_status: 'skipped', attachments: null });
    const [, updated] = await listener.next(2);
    expect(updated?.changed).toEqual(['attachments', 'processing_status']);
    listener.close();
  });
});

test('lists are newest first', async () => {
  const reader = await server.register();
  for (const content of ['first', 'second', 'third']) {
    await server.request('POST', '/v1/notes', { token: reader.token, body: { content } });
  }
  const answer = await server.request('GET', '/v1/notes', { token: reader.token });
  expect(answer.body.message).toBe('Retrieved 3 notes');
  expect(answer.body.data['items']).toMatchObject([{ content: 'third' }, { content: 'second' }, { content: 'first' }]);
});

test('deleting says so', async () => {
  const { data } = (await create({ content: 'a' })).body;
  const answer = await server.request('DELETE', `/v1/notes/${data['id']}`, { token: user.token });
  expect(answer.text).toBe('{"message":"Note deleted successfully"}');
});
