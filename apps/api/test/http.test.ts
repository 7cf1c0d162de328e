/** What REST promises of every route: paths, methods, bodies, the order of checks, and one body for all faults. */
import { once } from 'node:events';
import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRaw, sendRaw } from './support/raw.ts';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

const LIMIT = 4096;
let server: TestServer;
let user: Registered;

beforeAll(async () => {
  server = await startTestServer({ FRIDAY_MAX_BODY_BYTES: String(LIMIT) });
  user = await server.register();
});
afterAll(() => server.close());

const fault = (code: string, message: string) => ({ detail: message, data: null, message, error: { code, message } });

describe('paths and methods', () => {
  test.each(['/', '/health', '/v1', '/v1/nothing', '/v1/notes/1/2', '/v1%2Fnotes', '/v1/Notes'])(
    '%s is unknown',
    async (path) => {
      const answers = await Promise.all(['GET', 'POST', 'OPTIONS', 'PATCH'].map((method) => server.request(method, path)));
      for (const answer of answers) {
        expect(answer.status).toBe(404);
        expect(answer.body).toEqual(fault('not_found', 'Not Found'));
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      }
    },
  );

  test('an unknown path is unknown before its body is read', async () => {
    expect((await server.request('POST', '/v1/nothing', { body: '{"' })).status).toBe(404);
  });

  test.each([
    ['/v1/notes', 'GET, POST'],
    ['/v1/notes/1', 'DELETE, GET, PUT'],
    ['/v1/notes/abc', 'DELETE, GET, PUT'],
    ['/v1/auth/register', 'POST'],
    ['/v1/auth/token', 'POST'],
    ['/v1/auth/me', 'DELETE, GET'],
    ['/v1/ws', 'GET'],
    ['/healthz', 'GET'],
    ['/openapi.json', 'GET'],
  ])('%s has the methods %s; all others are refused before authentication', async (path, allow) => {
    // CONNECT and TRACE, which fetch does not send, have a test of their own.
    const others = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'PROPFIND'].filter(
      (name) => !allow.includes(name),
    );
    for (const method of others) {
      const answer = await server.request(method, path, method === 'POST' || method === 'PATCH' ? { body: '{"' } : {});
      expect([method, answer.status]).toEqual([method, 405]);
      expect(answer.headers.get('allow')).toBe(allow);
      if (method !== 'HEAD') expect(answer.body).toEqual(fault('method_not_allowed', 'Method Not Allowed'));
    }
  });

  test.each(METHODS.filter((method) => !['CONNECT', 'GET', 'POST'].includes(method)))(
    '%s is refused, not failed',
    async (method) => {
      const answer = await sendRaw(server.url, `${method} /v1/notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(readRaw(answer).status).toBe(405);
    },
  );

  test("no cache on the way keeps what is a user's own, faults included", async () => {
    for (const path of ['/v1/notes', '/v1/notes/999999', '/v1/auth/me']) {
      const answer = await server.request('GET', path, { token: user.token });
      expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
    expect((await server.request('GET', '/v1/notes')).headers.get('cache-control')).toBe('no-store');
  });

  test('a slash at the end makes no difference', async () => {
    expect((await server.request('GET', '/v1/notes/', { token: user.token })).status).toBe(200);
    expect((await server.request('POST', '/v1/auth/token/', { body: {} })).status).toBe(422);
  });

  test('a path that cannot be decoded is a bad request', async () => {
    const answer = await server.request('GET', '/v1/notes/%zz', { token: user.token });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(fault('bad_request', 'The request cannot be read.'));
  });

  test('an over-long id is a fault of the request', async () => {
    expect((await server.request('GET', `/v1/notes/${'9'.repeat(900)}`, { token: user.token })).status).toBe(404);
    const answer = await server.request('GET', `/v1/notes/${'x'.repeat(900)}`, { token: user.token });
    expect(answer.status).toBe(422);
    expect(answer.text.length).toBeLessThan(600);
  });
});

describe('what is no HTTP', () => {
  test.each([
    ['GARBAGE\r\n\r\n', 400, 'bad_request'],
    ['GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'bad_request'],
    ['GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400, 'bad_request'],
    [`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('is answered with the body of every fault (%#)', async (text, status, code) => {
    const answer = readRaw(await sendRaw(server.url, text));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ data: null, error: { code } });
  });
});

test('a client that breaks off in the middle disturbs nobody', async () => {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  await new Promise<void>((resolve) => socket.write('POST /v1/notes HTTP/1.1\r\nHost: x\r\nContent-Le', () => resolve()));
  socket.resetAndDestroy();
  await once(socket, 'close');
  expect((await server.request('GET', '/healthz')).status).toBe(200);
});

describe('a plain GET of the address that speaks WebSocket', () => {
  const ask = (headers: Record<string, string> = {}, query = '') => server.request('GET', `/v1/ws${query}`, { headers });

  test('[P4] is told to ask for an upgrade', async () => {
    const answer = await ask({ authorization: `Bearer ${user.token}` });
    expect(answer.status).toBe(426);
    expect(answer.headers.get('upgrade')).toBe('websocket');
    expect(answer.body).toMatchObject({ data: null, error: { code: 'upgrade_required' } });
    expect((await ask()).status).toBe(426);
  });

  test('[P4] is told why an upgrade would be refused', async () => {
    const wrong = await ask({ authorization: 'Bearer wrong' });
    expect([wrong.status, wrong.body.error?.code, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      'unauthenticated',
      'Bearer',
    ]);
    const foreign = await ask({ origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.error?.code]).toEqual([403, 'origin_not_allowed']);
    const inUrl = await ask({}, `?token=${user.token}`);
    expect([inUrl.status, inUrl.body.error?.code]).toEqual([400, 'token_in_url']);
    expect(server.log()).not.toContain(user.token);
  });
});

describe('bodies', () => {
  const post = (body: unknown, headers: Record<string, string> = {}, token: string | undefined = user.token) =>
    server.request('POST', '/v1/notes', { body, headers, ...(token !== undefined && { token }) });

  test.each(['{"', '', '{"content":"a"', "{'content':'a'}", '{"content":"a"}x', '\u0000', '{"content":"\u0001"}', '[1,]'])(
    'malformed JSON is refused even without a token (%#)',
    async (text) => {
      const answer = await server.request('POST', '/v1/auth/register', { body: text });
      expect(answer.status).toBe(422);
      if (text === '') return;
      const blind = await server.request('POST', '/v1/notes', { body: text });
      expect(blind.status).toBe(422);
      expect(blind.body.error?.code).toBe('validation_failed');
      expect(blind.body.detail).toMatchObject([{ type: 'json_invalid', msg: 'JSON decode error', input: {} }]);
      expect((blind.body.detail as { loc: unknown[] }[])[0]?.loc).toEqual(['body', expect.any(Number)]);
    },
  );

  test('text that is not UTF-8 is malformed', async () => {
    const answer = await server.request('POST', '/v1/notes', { body: Buffer.from('{"content":"\xff"}', 'latin1') });
    expect(answer.body.detail).toMatchObject([{ type: 'json_invalid', ctx: { error: 'Not UTF-8' } }]);
  });

  test('what is nested too deeply is malformed', async () => {
    const nested = (levels: number) =>
      `{"content":"a","attachments":[{"type":"link","url":"","deep":${'['.repeat(levels)}${']'.repeat(levels)}}]}`;
    expect((await post(nested(90))).status).toBe(201);
    expect((await post(nested(1500))).status).toBe(422);
    expect((await post(nested(100))).body.detail).toMatchObject([{ type: 'json_invalid', ctx: { error: 'Nested too deeply' } }]);
  });

  test('the connection outlives a body that cannot be read', async () => {
    const request = (close: string) =>
      `POST /v1/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n${close}\r\n{`;
    const answers = await sendRaw(server.url, request('') + request('Connection: close\r\n'));
    expect(answers.match(/HTTP\/1\.1 422/g)).toHaveLength(2);
  });

  test('no body is a missing one, null too', async () => {
    const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
    expect((await server.request('POST', '/v1/notes', { token: user.token })).body.detail).toEqual([missing]);
    expect((await post('null')).body.detail).toEqual([missing]);
    expect((await post('')).body.detail).toEqual([missing]);
  });

  test.each(['[]', '1', '"text"', 'true'])('%s is no object', async (text) => {
    const answer = await post(text);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toEqual([
      {
        type: 'model_attributes_type',
        loc: ['body'],
        msg: 'Input should be a valid dictionary or object to extract fields from',
        input: JSON.parse(text),
      },
    ]);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'x',
    'x;y=z',
    '',
  ])('the content type %s is none that is read', async (type) => {
    const answer = await post('{"content":"a"}', { 'content-type': type });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type: 'model_attributes_type', loc: ['body'], input: null }]);
    expect((await server.request('POST', '/v1/notes', { body: 'x', headers: { 'content-type': type } })).status).toBe(401);
  });

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.friday+json', ' application/json ;x=y'])(
    'the content type %s is JSON',
    async (type) => {
      expect((await post('{"content":"a"}', { 'content-type': type })).status).toBe(201);
    },
  );

  test('a body without a content type is taken for JSON', async () => {
    const head = `POST /v1/notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${user.token}\r\nContent-Length: 15\r\n\r\n`;
    expect(readRaw(await sendRaw(server.url, `${head}{"content":"a"}`)).status).toBe(201);
  });

  test('a body over the limit is refused, whether its length is told or not', async () => {
    const body = JSON.stringify({ content: 'x'.repeat(LIMIT) });
    const answer = await post(body);
    expect(answer.status).toBe(413);
    expect(answer.body).toEqual(fault('body_too_large', `The body is too large: ${LIMIT} bytes are allowed.`));
    const chunked = await sendRaw(
      server.url,
      `POST /v1/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1400\r\n${'x'.repeat(0x1400)}\r\n0\r\n\r\n`,
    );
    expect(readRaw(chunked).status).toBe(413);
    expect((await post(JSON.stringify({ content: 'x'.repeat(LIMIT - 20) }))).status).toBe(201);
  });

  test('unknown fields are ignored, doubled ones count with the last', async () => {
    expect((await post('{"content":"a","content":"b","unknown":1}')).body.data['content']).toBe('b');
  });

  test('__proto__ and its like are keys as any other', async () => {
    const answer = await post(
      '{"content":"a","__proto__":{"content":"b"},"constructor":1,"attachments":[{"type":"link","url":"","__proto__":{"x":1}}]}',
    );
    expect(answer.status).toBe(201);
    expect(answer.text).toContain('"__proto__":{"x":1}');
    expect((await post('{"__proto__":{"content":"b"}}')).body.detail).toMatchObject([
      { type: 'missing', loc: ['body', 'content'] },
    ]);
    expect(Object.hasOwn(Object.prototype, 'content')).toBe(false);
  });

  test('half a surrogate pair is no text', async () => {
    expect((await post('{"content":"\\ud800"}')).body.detail).toMatchObject([
      { type: 'string_unicode', loc: ['body', 'content'] },
    ]);
  });

  test('a body where none is expected is left alone', async () => {
    const { data } = (await post({ content: 'a' })).body;
    expect((await server.request('DELETE', `/v1/notes/${data['id']}`, { token: user.token, body: '{"' })).status).toBe(200);
  });
});

describe('the order of checks', () => {
  test('a wrong method comes before a malformed body, that before the token, that before all other faults', async () => {
    expect((await server.request('PATCH', '/v1/notes/x', { body: '{' })).status).toBe(405);
    expect((await server.request('PUT', '/v1/notes/x', { body: '{' })).status).toBe(422);
    expect((await server.request('PUT', '/v1/notes/x', { body: {} })).status).toBe(401);
    expect((await server.request('PUT', '/v1/notes/x', { body: {}, token: user.token })).status).toBe(422);
    expect((await server.request('PUT', '/v1/notes/987654', { body: {}, token: user.token })).status).toBe(404);
  });

  test('all faults of a request come in one answer', async () => {
    const answer = await server.request('PUT', '/v1/notes/x', {
      token: user.token,
      headers: { 'friday-client-id': 'x'.repeat(65), 'if-match': 'x' },
      body: { content: '', attachments: [1, {}, []], processing_status: 'done' },
    });
    expect(answer.status).toBe(422);
    expect((answer.body.detail as { type: string; loc: unknown[] }[]).map(({ type, loc }) => [type, ...loc])).toEqual([
      ['int_parsing', 'path', 'note_id'],
      ['string_too_long', 'header', 'friday-client-id'],
      ['string_pattern_mismatch', 'header', 'if-match'],
      ['string_too_short', 'body', 'content'],
      ['dict_type', 'body', 'attachments', 0],
      ['dict_type', 'body', 'attachments', 2],
      ['enum', 'body', 'processing_status'],
    ]);
  });

  test('an answer lists a hundred faults at most', async () => {
    const answer = await server.request('POST', '/v1/notes', { token: user.token, body: { attachments: Array(1000).fill(1) } });
    expect(answer.body.detail).toHaveLength(100);
  });
});

describe('answers', () => {
  test('are compact and leave letters as they are', async () => {
    const answer = await server.request('POST', '/v1/notes', { token: user.token, body: { content: 'Grüße 👋 \u2028' } });
    expect(answer.text).toContain('"content":"Grüße 👋 \u2028"');
    expect(answer.text).toMatch(/^\{"data":\{"id":\d+,/);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('carry the headers that guard browsers', async () => {
    const { headers } = await server.request('GET', '/healthz');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  });
});
