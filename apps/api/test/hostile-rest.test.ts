/**
 * What REST promises whatever it is sent: on every route that the server describes, requests that nobody should send are answered,
 * as described, and change nothing for others. Seeded: a failure prints its seed and the smallest request that shows it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESOURCES } from '../src/resource-list.ts';
import { type HostileRequest, hostileRequests, REAL_ID } from './support/hostile.ts';
import { listen } from './support/listener.ts';
import { type Operation, operationAt, readOperations } from './support/open-api.ts';
import { type Answer, type Registered, startTestServer, type TestServer } from './support/server.ts';

const SEED = 20_260_114;
const REQUESTS_EACH = 100;
/** Faults of what reaches no operation, or not whole; every route may answer them. */
const EVERYWHERE = ['not_found', 'method_not_allowed', 'bad_request', 'headers_too_large', 'body_too_large'];

let server: TestServer;
let operations: readonly Operation[];
let users: { readonly owner: Registered; readonly stranger: Registered };

beforeAll(async () => {
  server = await startTestServer();
  users = { owner: await server.register(), stranger: await server.register() };
  operations = readOperations((await server.request('GET', '/openapi.json')).text);
});
afterAll(() => server.close());

/** A valid body for an operation, as far as the description or the resource has one. */
function exampleFor({ method, path, body }: Operation): Readonly<Record<string, unknown>> {
  const resource = RESOURCES.find(({ collection }) => path.startsWith(collection));
  const own = method === 'POST' ? resource?.examples.create : resource?.examples.update;
  return body?.example ?? own ?? {};
}

interface Exchange {
  /** The operation that answered, if one did. */
  readonly operation: Operation | undefined;
  readonly answer: Answer;
}

async function exchange({ method, path: template }: Operation, request: HostileRequest): Promise<Exchange> {
  const { headers, body, token } = request;
  const tokens = { valid: users.owner.token, foreign: users.stranger.token, broken: `${users.owner.token.slice(0, -2)}AA` };
  const sent = token === 'none' ? {} : { token: tokens[token] };
  const path = request.path.includes(REAL_ID) ? request.path.replaceAll(REAL_ID, await createdFor(template)) : request.path;
  const answer = await server.request(method, path, { ...sent, headers, ...(body !== undefined && { body }) });
  return { operation: operationAt(operations, method, server.url + path), answer };
}

/** The number of a new resource of the kind that a path is about. */
async function createdFor(path: string): Promise<string> {
  const resource = RESOURCES.find(({ collection }) => path.startsWith(collection));
  if (!resource) throw new Error(`No resource has the path ${path}.`);
  const { collection, examples } = resource;
  const { data } = (await server.request('POST', collection, { token: users.owner.token, body: examples.create })).body;
  return String(data['id']);
}

/** Fails unless the answer is one that its operation declares, in body and status, and tells nothing of the inside. */
function expectDeclared({ operation, answer: { status, text, headers } }: Exchange): void {
  expect(status).toBeLessThan(500);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(text).not.toMatch(/sqlite|\.ts:\d|node:internal|node_modules/i);
  const body: unknown = JSON.parse(text);
  if (status >= 400) expectFault(body);
  const faultsOf = operation?.faultsOf.get(status);
  if (faultsOf) expect(faultsOf(body)).toEqual([]);
  else expect(EVERYWHERE).toContain((body as Answer['body']).error?.code);
}

function expectFault(body: unknown): void {
  const { message } = body as { message: unknown };
  expect(body).toEqual({
    detail: expect.anything(),
    data: null,
    message: expect.any(String),
    error: { code: expect.any(String), message },
  });
}

/** Fails unless what was created is read as it was answered. */
async function expectKept({ operation, answer: { status, body } }: Exchange): Promise<void> {
  if (status !== 201 || !RESOURCES.some(({ collection }) => collection === operation?.path)) return;
  const read = await server.request('GET', `${operation?.path}/${body.data['id']}`, { token: users.owner.token });
  expect(read.status).toBe(200);
  expect(read.body.data).toEqual(body.data);
}

test('every request is answered as the description says, and never with a fault of the server', {
  timeout: 60_000,
}, async () => {
  const seen = new Map<number, number>();
  for (const [index, operation] of operations.entries()) {
    const property = fc.asyncProperty(hostileRequests(operation, exampleFor(operation)), async (request) => {
      const result = await exchange(operation, request);
      const { answer } = result;
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      expectDeclared(result);
      if (request.token === 'valid') await expectKept(result);
    });
    await fc.assert(property, { seed: SEED + index, numRuns: REQUESTS_EACH });
  }
  // The requests were not all stopped at the same door.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 401, 404, 412, 422]));
});

test('a body over the limit is refused on every route, whether or not it takes one', async () => {
  const body = `{"a":"${'x'.repeat(1024 * 1024)}"}`;
  for (const operation of operations.filter(({ method }) => method !== 'GET')) {
    const path = operation.path.replace(/\{\w+\}/g, '1');
    const result = await exchange(operation, { path, headers: {}, body, token: 'valid' });
    expect(result.answer.status).toBe(413);
    expectDeclared(result);
  }
});

test('after all that, the server serves, announces, and has kept its data whole', async () => {
  expect((await server.request('GET', '/readyz')).status).toBe(200);
  expect(server.log()).not.toContain('"level":50');
  expect(server.log()).not.toContain('request failed');
  const { owner } = users;
  for (const { collection, kind, examples } of RESOURCES) {
    const first = await server.request('GET', `${collection}?size=100`, { token: owner.token });
    for (let page = 1; page <= Number(first.body.data['pages']); page += 1) {
      const answer = await server.request('GET', `${collection}?size=100&page=${page}`, { token: owner.token });
      expect(answer.status).toBe(200);
    }
    const listener = await listen(server.url, owner.token);
    const created = await server.request('POST', collection, { token: owner.token, body: examples.create });
    expect(created.status).toBe(201);
    expect(await listener.next(1)).toMatchObject([{ type: `${kind}.created`, resource: { id: created.body.data['id'] } }]);
    listener.close();
    const theirs = await server.request('GET', collection, { token: users.stranger.token });
    expect(theirs.body.data['items']).not.toContainEqual(expect.objectContaining({ user_id: owner.id }));
  }
  expect(server.storage.reader.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});
