import { NO_METRICS, type RealtimeMetrics } from '@friday/realtime';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';
import { traceHandshakes } from './handshake-spans.ts';

const exporter = new InMemorySpanExporter();
const tracer = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');

test('a handshake is a span with its outcome and the time that it took', () => {
  exporter.reset();
  const { handshake } = traceHandshakes(tracer, NO_METRICS);
  handshake('accepted', 1_500);
  handshake('unauthenticated', 1);
  handshake('over_capacity', 1);
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name, attributes }) => [name, attributes['http.response.status_code'], attributes['error.type']])).toEqual([
    ['GET /v1/ws', 101, undefined],
    ['GET /v1/ws', 401, 'unauthenticated'],
    ['GET /v1/ws', 503, 'over_capacity'],
  ]);
  expect(spans.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
  const [seconds = 0, nanoseconds = 0] = spans[0]?.duration ?? [];
  expect(seconds * 1000 + nanoseconds / 1e6).toBeCloseTo(1_500, 0);
});

test('the figures are told of everything, as if nobody else looked', () => {
  const told: unknown[] = [];
  const names = Object.keys(NO_METRICS) as ReadonlyArray<keyof RealtimeMetrics>;
  const note = (name: string) =>
    name === 'handshake' ? (...args: unknown[]) => told.push(name, ...args) : () => told.push(name);
  const inner = Object.fromEntries(names.map((name) => [name, note(name)]));
  const watched = traceHandshakes(tracer, { ...NO_METRICS, ...inner });
  watched.handshake('accepted', 7);
  watched.opened('fresh', 0);
  watched.caughtUp(1);
  watched.closed(1000, undefined);
  watched.answeredError('invalid_message');
  watched.announced('note.created');
  watched.delivered(1, 1);
  watched.deliveryFailed('late');
  watched.readLog(1, 1);
  watched.reconciled(0);
  expect(told).toEqual(['handshake', 'accepted', 7, ...names.filter((name) => name !== 'handshake')]);
});
