/** What the running server says of itself: health, the descriptions of its interfaces, and the page that shows them. */
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../../../../test/support/needs.ts';
import { loadPage } from '../support/browser.ts';
import { schemaFaults } from '../support/json-schema.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

interface Described {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: object;
    readonly required?: boolean;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
}
interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, unknown>> };
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

const chromium = needs('chromium');
const host = new ServerHost();
let server: Server;
let openApi: OpenApi;

beforeAll(async () => {
  server = await host.start();
  openApi = JSON.parse((await server.request('GET', '/openapi.json')).text);
});
afterAll(() => host.end());

const operations = () =>
  Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ name: `${method} ${path}`, path, method, described })),
  );

test.each(['/healthz', '/readyz'])('%s tells that all is well', async (path) => {
  const answer = await server.request('GET', path);
  expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}']);
});

test('OpenAPI 3.1: the document has what the specification asks for', () => {
  expect(openApi.openapi).toMatch(/^3\.1\.\d+$/);
  expect(openApi.info).toMatchObject({ title: 'Friday', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  const schemes = Object.keys(openApi.components.securitySchemes);
  for (const scheme of openApi.security.flatMap(Object.keys)) expect(schemes).toContain(scheme);
  expect(JSON.stringify(openApi)).not.toContain('"$ref"');
  for (const { name, path, described } of operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const declared = (described.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect([name, declared.map((parameter) => parameter.name)]).toEqual([name, inPath]);
    for (const parameter of declared) expect(parameter.required).toBe(true);
    const optional = (described.parameters ?? []).filter(({ schema }) => 'default' in schema);
    for (const parameter of optional) expect(parameter.required).toBe(false);
    const keys = (described.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(Object.keys(described.responses).join()).toMatch(/^(2\d\d)(,[45]\d\d)*$/);
    for (const { description } of Object.values(described.responses)) expect(description).toEqual(expect.any(String));
  }
});

test('OpenAPI 3.1: every schema is sound JSON Schema 2020-12, and every example fits its own', () => {
  for (const { name, described } of operations()) {
    const bodies = [described.requestBody, ...Object.values(described.responses)];
    const contents = bodies.flatMap((part) => Object.values(part?.content ?? {}));
    const schemas = [...contents, ...(described.parameters ?? [])].map(({ schema }) => schema);
    expect([name, schemas.flatMap((schema) => schemaFaults(schema, ''))]).toEqual([name, []]);
    for (const { schema, example } of contents) {
      if (example !== undefined) expect([name, Compile(schema).Errors(example)]).toEqual([name, []]);
    }
  }
});

test('AsyncAPI 3: the official parser finds no fault', async () => {
  const { text } = await server.request('GET', '/asyncapi.json');
  const { document, diagnostics } = await new Parser().parse(text);
  // 3.0 is meant: more tools read it than the newest.
  expect(diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')).toEqual([]);
  expect(document?.version()).toBe('3.0.0');
});

test.skipIf(chromium === undefined)(
  'the page at /docs shows every operation, and its policy lets it',
  { timeout: 120_000 },
  async () => {
    const load = (url: string) => loadPage(String(chromium), join(host.folder, 'browser'), url);
    // That faults of a page would be seen at all.
    const faulty = 'data:text/html,<meta http-equiv="Content-Security-Policy" content="default-src https:"><script>1</script>';
    expect((await load(faulty)).console).toMatchObject([expect.stringContaining('Content Security Policy')]);

    const page = await load(`${server.url}/docs`);
    expect(page.console).toEqual([]);
    expect(page.dom).toContain('<title>Friday</title>');
    const shown = [...page.dom.matchAll(/class="opblock-summary-method">(\w+)<.*?data-path="([^"]+)"/g)];
    const names = shown.map(([, method, path]) => `${method?.toLowerCase()} ${path}`);
    expect(names.toSorted()).toEqual(
      operations()
        .map(({ name }) => name)
        .toSorted(),
    );
  },
);
