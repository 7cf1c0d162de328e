/** Spans of units of work on a real database file and a real log, with a real SDK. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogEntry, SqlChangeLog, systemClock, type Transaction, WebSocketMessage } from '@friday/realtime';
import { context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { allMigrations } from '../../migrations.ts';
import { SqliteDatabase } from '../database/sqlite-database.ts';
import { SqliteUnitOfWork } from '../database/sqlite-unit-of-work.ts';
import { openStorage, type Storage } from '../database/storage.ts';
import { CommitSpans } from './commit-spans.ts';
import { TracedUnitOfWork } from './traced-unit-of-work.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('test');
let folder: string;
let storage: Storage;
let units: TracedUnitOfWork;
let onCommitted: (entries: LogEntry[]) => void;

beforeAll(() => {
  provider.register();
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  storage = openStorage(join(folder, 'friday.db'), allMigrations());
  storage.writer.run('CREATE TABLE thing (of TEXT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)');
  const log = new SqlChangeLog({ reader: storage.reader, clock: systemClock });
  const spans = new CommitSpans(tracer);
  const groups = spans.watch({
    session: storage.writer,
    append: (session, transactions) => log.append(session, transactions),
    onCommitted: (entries) => onCommitted(entries),
  });
  units = new TracedUnitOfWork(new SqliteUnitOfWork(new SqliteDatabase(storage.writer, storage.reader), groups), spans);
});
afterAll(() => {
  storage.close();
  rmSync(folder, { recursive: true });
  trace.disable();
  context.disable();
});
beforeEach(() => {
  onCommitted = () => undefined;
});
afterEach(() => exporter.reset());

async function announce(tx: Transaction): Promise<Span | undefined> {
  tx.notifications.push({ channel: 'user:ann', message: new WebSocketMessage({ type: 'shop.opened' }) });
  return trace.getActiveSpan();
}

/** Runs a unit as part of a trace of its own. */
function traced<T>(work: (tx: Transaction) => Promise<T>): { readonly root: Span; readonly answer: Promise<T> } {
  const root = tracer.startSpan('request', { root: true });
  return { root, answer: context.with(trace.setSpan(ROOT_CONTEXT, root), () => units.run(work)) };
}

const named = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
const idOf = (span: Span | ReadableSpan | undefined) => span?.spanContext().spanId;
const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId;
const linksOf = (span: ReadableSpan | undefined) => span?.links.map((link) => link.context.spanId);

test('units of several traces that share a COMMIT: it is a child of the first, and linked with each, both ways', async () => {
  const all = [traced(announce), traced(announce), traced(announce)];
  await Promise.all([units.run(announce), ...all.map(({ answer }) => answer)]);
  const spans = named('unit of work');
  const [commit, ...more] = named('COMMIT');
  expect(more).toEqual([]);
  expect(spans.map(parentOf)).toEqual(all.map(({ root }) => idOf(root)));
  expect(parentOf(commit)).toBe(idOf(spans[0]));
  expect(linksOf(commit)).toEqual(spans.map(idOf));
  expect(spans.map(linksOf)).toEqual([[], [idOf(commit)], [idOf(commit)]]);
  expect(commit?.attributes['friday.units']).toBe(4);
  expect(named('wake-up').map((span) => [parentOf(span), span.attributes['friday.notifications']])).toEqual([[idOf(commit), 4]]);
});

test('the work of each unit runs in its own trace, and what the wake-up sets off in the trace of the COMMIT', async () => {
  let woken: Span | undefined;
  onCommitted = () => {
    woken = trace.getActiveSpan();
  };
  const all = [traced(announce), traced(announce)];
  const active = await Promise.all([units.run(announce), ...all.map(({ answer }) => answer)]);
  expect(active.map(idOf)).toEqual([undefined, ...named('unit of work').map(idOf)]);
  expect(idOf(woken)).toBe(idOf(named('wake-up')[0]));
});

test('what is announced by nobody wakes nobody, and work outside of traces leaves none', async () => {
  await traced(async () => undefined).answer;
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['COMMIT', 'unit of work']);
  exporter.reset();
  await units.run(announce);
  expect(exporter.getFinishedSpans()).toEqual([]);
});

test('a COMMIT that fails ends with the fault, once, and so do its units', async () => {
  const orphan = () => traced(async () => void storage.writer.run("INSERT INTO thing VALUES ('nobody')"));
  const all = [orphan(), orphan(), traced(announce)];
  const results = await Promise.allSettled(all.map(({ answer }) => answer));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(
    exporter
      .getFinishedSpans()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['COMMIT', 'unit of work', 'unit of work', 'unit of work']);
  for (const { attributes } of exporter.getFinishedSpans()) expect(attributes['error.type']).toBe('user_not_found');
});

test('a unit that fails alone leaves the COMMIT of the others as it is; a fault of ours is told as one', async () => {
  const failing = traced(async () => {
    throw new TypeError('with a secret in it');
  });
  const good = traced(announce);
  await expect(failing.answer).rejects.toThrow(TypeError);
  await good.answer;
  const [failed] = named('unit of work');
  expect([failed?.attributes['error.type'], failed?.status]).toEqual(['TypeError', { code: SpanStatusCode.ERROR }]);
  expect(failed?.events.map(({ name }) => name)).toEqual(['started']);
  const [commit] = named('COMMIT');
  expect(commit?.status.code).toBe(SpanStatusCode.UNSET);
  expect(linksOf(commit)).toEqual([]);
});

test('a wake-up that fails says so, and what is committed is answered all the same', async () => {
  onCommitted = () => {
    throw new RangeError('no room');
  };
  // The test runner's own listener would take it for a failure of the test.
  const before = process.listeners('unhandledRejection');
  const uncaught = new Promise((resolve) => process.removeAllListeners('unhandledRejection').once('unhandledRejection', resolve));
  onTestFinished(() => {
    for (const listener of before) process.on('unhandledRejection', listener);
  });
  await traced(announce).answer;
  expect(await uncaught).toBeInstanceOf(RangeError);
  const [wakeUp] = named('wake-up');
  expect([wakeUp?.attributes['error.type'], wakeUp?.status.code]).toEqual(['RangeError', SpanStatusCode.ERROR]);
});
