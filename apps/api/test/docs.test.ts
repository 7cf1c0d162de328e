import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESOURCES } from '../src/resource-list.ts';
import { startTestServer, type TestServer } from './support/server.ts';

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

let server: TestServer;
let description: OpenApi;

beforeAll(async () => {
  server = await startTestServer();
  description = JSON.parse((await server.request('GET', '/openapi.json')).text);
});
afterAll(() => server.close());

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('OpenAPI 3.1 describes every resource', () => {
  expect(description.openapi).toBe('3.1.0');
  for (const { collection, kind } of RESOURCES) {
    expect(Object.keys(description.paths[collection] ?? {})).toEqual(['get', 'post']);
    expect(Object.keys(description.paths[`${collection}/{${kind}_id}`] ?? {}).toSorted()).toEqual(['delete', 'get', 'put']);
  }
});

test('every route has a summary, a known tag and its faults; those below /v1 need a token, but for registration and tokens', () => {
  const tags = description.tags.map(({ name }) => name);
  for (const { path, operation } of operations()) {
    expect(operation.summary).toMatch(/^[A-Z]/);
    for (const tag of operation.tags) expect(tags).toContain(tag);
    const open = ['/v1/auth/register', '/v1/auth/token', '/healthz', '/readyz'].includes(path);
    expect(operation.security).toEqual(open ? [] : undefined);
    if (!open) expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '429', '503']));
  }
});

test('the page shows it, and may load what it needs under its own policy', async () => {
  const page = await server.request('GET', '/docs');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const files = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect([file, (await server.request('GET', file)).status]).toEqual([file, 200]);
  // Nothing inline, and nothing from elsewhere: the policy would stop it.
  expect(page.text).not.toMatch(/<script(?![^>]*src=)/);
  expect(page.text).not.toMatch(/(src|href)="https?:/);
});

test('the older address of the documentation leads there', async () => {
  const answer = await server.request('GET', '/redoc');
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
});

test('AsyncAPI describes the WebSocket', async () => {
  const answer = await server.request('GET', '/asyncapi.json');
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({ asyncapi: '3.0.0', info: { version: description.info.version } });
});

test('what the page does not have is not found, as anywhere', async () => {
  const answer = await server.request('GET', '/docs/static/nothing.js');
  expect([answer.status, answer.body.error?.code]).toEqual([404, 'not_found']);
});
