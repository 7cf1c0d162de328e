/** Traces of a server process that loads the example before it starts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLive } from '../support/live-socket.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test('the example keeps every span of a write, those too that were made a moment before the end', async () => {
  const file = join(host.folder, 'spans.jsonl');
  const server = await host.start({ NODE_OPTIONS: '--import ./examples/tracing/tracing.mjs', TRACE_FILE: file });
  const { token } = await registerUser(server.request);
  const { status } = await server.request('POST', '/v1/notes', { token, body: { content: 'traced' } });
  await (await openLive(server.url, { token, by: 'header' })).close();
  expect([status, await server.stop()]).toEqual([201, 0]);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const spans: Span[] = lines.map((line) => JSON.parse(line));
  const request = spans.find(({ name }) => name === 'POST /v1/notes');
  const trace = spans.filter(({ traceId }) => traceId === request?.traceId);
  const parents = trace.map(({ name, parentSpanId }) => [name, trace.find(({ spanId }) => spanId === parentSpanId)?.name]);
  expect(Object.fromEntries(parents)).toEqual({
    'POST /v1/notes': undefined,
    'unit of work': 'POST /v1/notes',
    COMMIT: 'unit of work',
    'wake-up': 'COMMIT',
  });
  expect(spans.find(({ name }) => name === 'GET /v1/ws')).toMatchObject({ attributes: { 'http.response.status_code': 101 } });
  expect(lines.join()).not.toContain(token);
});

test('a sampler that takes none, or an exporter that cannot write, keeps nothing from working', async () => {
  const settings = {
    NODE_OPTIONS: '--import ./examples/tracing/tracing.mjs',
    TRACE_FILE: join(host.folder, 'no/such/folder/spans'),
  };
  for (const sampler of ['always_on', 'always_off']) {
    const server = await host.start({ ...settings, OTEL_TRACES_SAMPLER: sampler });
    const { token } = await registerUser(server.request);
    const { status } = await server.request('POST', '/v1/notes', { token, body: { content: sampler } });
    expect([status, await server.stop()]).toEqual([201, 0]);
  }
});
