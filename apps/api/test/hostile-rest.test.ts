/**
 * What REST promises whatever it is sent: on every route that the server describes, requests that nobody should send are answered,
 * as described, and change nothing for others. Seeded: a failure prints its seed and the smallest request that shows it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESOURCES } from '../src/resource-list.ts';
import type { Resource } from '../src/resources/resource.ts';
import { eachHostileRequest, type HostileRequest, hostileRequests, REAL_ID } from './support/hostile.ts';
import { listen } from './support/listener.ts';
import { type Operation, operationAt, readOperations } from './support/open-api.ts';
import { type Answer, type Registered, startTestServer, type TestServer } from './support/server.ts';

const SEED = 20_260_114;
/** Random requests to each operation. */
const REQUESTS_EACH = 50;
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

async function exchange(operation: Operation, request: HostileRequest): Promise<Exchange> {
  const { headers, body } = request;
  const sent = await credentials(operation, request);
  const path = request.path.includes(REAL_ID) ? request.path.replaceAll(REAL_ID, await realId(operation)) : request.path;
  const answer = await server.request(operation.method, path, { ...sent, headers, ...(body !== undefined && { body }) });
  return { operation: operationAt(operations, operation.method, server.url + path), answer };
}

async function credentials({ path, method, open }: Operation, { token: kind }: HostileRequest): Promise<{ token?: string }> {
  if (open || kind === 'none') return {};
  const usual = kind === 'foreign' ? users.stranger : users.owner;
  // What may end a user, or all its tokens, is asked by one that nobody needs.
  const endsUser = path.startsWith('/v1/auth/') && method !== 'GET';
  const { token } = endsUser ? await server.register() : usual;
  return { token: kind === 'broken' ? `${token.slice(0, -2)}AA` : token };
}

/** A resource for each operation: one does not find what another has deleted. */
const ids = new Map<Operation, string>();

/** The number of a resource of the kind that an operation is about. */
async function realId(operation: Operation): Promise<string> {
  const { method, path } = operation;
  const resource = RESOURCES.find(({ collection }) => path.startsWith(collection));
  if (!resource) throw new Error(`No resource has the path ${path}.`);
  const id = (method === 'DELETE' ? undefined : ids.get(operation)) ?? (await create(resource));
  ids.set(operation, id);
  return id;
}

async function create({ collection, examples }: Resource): Promise<string> {
  const answer = await server.request('POST', collection, { token: users.owner.token, body: examples.create });
  if (answer.status !== 201) throw new Error(`An example was answered with ${answer.status}: ${answer.text}`);
  return String(answer.body.data['id']);
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

/** Statuses that were answered: the requests must not all be stopped at the same door. */
const seen = new Set<number>();

async function expectAnswered(operation: Operation, request: HostileRequest): Promise<void> {
  const result = await exchange(operation, request);
  seen.add(result.answer.status);
  expectDeclared(result);
  if (request.token === 'valid') await expectKept(result);
}

test('each hostile value at each place is answered as the description says, and never with a fault of the server', {
  timeout: 180_000,
}, async () => {
  for (const operation of operations) {
    for (const request of eachHostileRequest(operation, exampleFor(operation))) {
      await expectAnswered(operation, request).catch((cause: unknown) => {
        throw new Error(`${operation.method} ${JSON.stringify(request)}`.slice(0, 500), { cause });
      });
    }
  }
  expect([...seen]).toEqual(expect.arrayContaining([200, 201, 202, 400, 404, 412, 422]));
});

test('so is any mixture of them', { timeout: 90_000 }, async () => {
  for (const [index, operation] of operations.entries()) {
    const requests = hostileRequests(operation, exampleFor(operation));
    const property = fc.asyncProperty(requests, (request) => expectAnswered(operation, request));
    await fc.assert(property, { seed: SEED + index, numRuns: REQUESTS_EACH });
  }
  expect(seen).toContain(401);
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
