/** Traces of a server in this process, as an SDK gets them that was registered before it started. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Registered, startTestServer, type TestServer } from './support/server.ts';

const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
/** Asks for spans, whatever the sampler makes of requests without it. */
const SAMPLED = { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` };
const POST_NOTE = 'POST /v1/notes';

const exporter = new InMemorySpanExporter();
let server: TestServer;
let user: Registered;

beforeAll(async () => {
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) });
  new NodeTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  server = await startTestServer();
  user = await server.register();
});
afterAll(async () => {
  await server.close();
  for (const api of [trace, context, propagation]) api.disable();
});
beforeEach(() => exporter.reset());
afterEach(() => server.storage.writer.run('DELETE FROM notes'));

function writeNote(content: string, headers: Readonly<Record<string, string>> = SAMPLED) {
  return server.request('POST', '/v1/notes', { token: user.token, body: { content }, headers });
}

function named(name: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

/** The spans of that name, once there are so many: a request's ends behind its answer. */
async function spans(name: string, count = 1): Promise<readonly [ReadableSpan, ...ReadableSpan[]]> {
  await eventually(`${count} spans ${name}`, () => named(name).length >= count);
  const [first, ...rest] = named(name);
  if (!first) throw new Error('There is no span.');
  expect(rest).toHaveLength(count - 1);
  return [first, ...rest];
}

const idOf = (span: ReadableSpan) => span.spanContext().spanId;
const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId;

test('a write is one trace: request, unit of work, COMMIT, wake-up, below the span of the caller', async () => {
  expect((await writeNote('Milk')).status).toBe(201);
  const [request] = await spans(POST_NOTE);
  const [[unit], [commit], [wakeUp]] = await Promise.all([spans('unit of work'), spans('COMMIT'), spans('wake-up')]);
  expect([request, unit, commit, wakeUp].map(parentOf)).toEqual([CALLER.spanId, idOf(request), idOf(unit), idOf(commit)]);
  for (const span of [request, unit, commit, wakeUp]) {
    expect(span.spanContext().traceId).toBe(CALLER.traceId);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.links).toEqual([]);
  }
  expect([request.kind, commit.kind]).toEqual([SpanKind.SERVER, SpanKind.CLIENT]);
  expect(unit.events.map(({ name }) => name)).toEqual(['started']);
  expect(commit.attributes).toEqual({ 'db.system.name': 'sqlite', 'db.operation.name': 'COMMIT', 'friday.units': 1 });
  expect(wakeUp.attributes).toEqual({ 'friday.notifications': 1, 'friday.channels': 1 });
});

test('writes at once: each has its spans, whoever shares a COMMIT with whom', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => writeNote(`Note ${index}`)));
  const requests = await spans(POST_NOTE, 20);
  const units = await spans('unit of work', 20);
  expect(units.map(parentOf).toSorted()).toEqual(requests.map(idOf).toSorted());
  const notified = named('wake-up').reduce((sum, { attributes }) => sum + Number(attributes['friday.notifications']), 0);
  expect(notified).toBe(20);
});

test('a request that the sampler does not take leaves no span at all', async () => {
  await writeNote('not followed', {});
  await writeNote('followed');
  await spans(POST_NOTE);
  expect(exporter.getFinishedSpans()).toHaveLength(4);
});

test('a request has the attributes of the conventions, and nothing that a user or a client wrote', async () => {
  const { body } = await writeNote('my diary');
  const note = body.data['id'];
  const path = `/v1/notes/${note}?token=hush`;
  await server.request('GET', path, { token: user.token, headers: { ...SAMPLED, 'friday-client-id': 'my phone' } });
  const [read] = await spans('GET /v1/notes/:note_id');
  expect(read.attributes).toEqual({
    'http.request.method': 'GET',
    'http.route': '/v1/notes/:note_id',
    'http.response.status_code': 200,
    'url.path': `/v1/notes/${note}`,
    'url.scheme': 'http',
    'friday.request_id': expect.any(String),
  });
  expect(server.log()).toContain(String(read.attributes['friday.request_id']));
  await spans(POST_NOTE);
  const all = JSON.stringify(exporter.getFinishedSpans().map(({ attributes, events, name }) => [name, attributes, events]));
  for (const secret of ['diary', 'hush', 'phone', user.token, user.id]) expect(all).not.toContain(secret);
});

test('a refusal is told by its code, and is no fault of the server', async () => {
  await server.request('GET', '/v1/notes/999999', { token: user.token, headers: SAMPLED });
  await server.request('GET', '/v1/notes', { headers: SAMPLED });
  await server.request('DELETE', '/v1/notes/999999', { token: user.token, headers: SAMPLED });
  const [missing] = await spans('GET /v1/notes/:note_id');
  const [stranger] = await spans('GET /v1/notes');
  const [removal] = await spans('DELETE /v1/notes/:note_id');
  const [unit] = await spans('unit of work');
  const codes = [missing, stranger, removal, unit].map(({ attributes, status }) => [attributes['error.type'], status.code]);
  const unset = SpanStatusCode.UNSET;
  expect(codes).toEqual([
    ['note_not_found', unset],
    ['UNAUTHORIZED', unset],
    ['note_not_found', unset],
    ['note_not_found', unset],
  ]);
});

test('what is no path of ours, and no method, makes no name of its own', async () => {
  await server.request('GET', `/v1/${'s'.repeat(60)}`, { headers: SAMPLED });
  await server.request('PROPFIND', '/v1/notes', { headers: SAMPLED });
  const [unknown] = await spans('GET');
  const [method] = await spans('HTTP /v1/notes');
  expect(unknown.attributes).toMatchObject({ 'url.path': '/v1/[long]', 'error.type': 'not_found' });
  expect(unknown.attributes).not.toHaveProperty('http.route');
  expect(method.attributes).toMatchObject({ 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' });
});

test('a request whose connection ends before the answer has a span all the same', async () => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const head = ['POST /v1/notes HTTP/1.1', 'Host: localhost', 'Content-Length: 100', `traceparent: ${SAMPLED.traceparent}`];
  socket.write(`${head.join('\r\n')}\r\nContent-Type: application/json\r\n\r\n{`);
  // Answered behind it, so its head has arrived.
  await server.request('GET', '/healthz');
  socket.destroy();
  const [request] = await spans(POST_NOTE);
  expect(request.attributes).toMatchObject({ 'http.route': '/v1/notes', 'error.type': 'connection_closed' });
  expect(request.attributes).not.toHaveProperty('http.response.status_code');
});
