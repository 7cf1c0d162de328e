import { trace } from '@opentelemetry/api';
import { NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, expect, test } from 'vitest';
import { flushSpans, registeredTracer } from './tracer.ts';

afterEach(() => trace.disable());

/** Registers an SDK. @param flush what it does when it is to send what it holds. */
function register(flush: () => Promise<void>): void {
  const processor: SpanProcessor = {
    onStart: () => undefined,
    onEnd: () => undefined,
    forceFlush: flush,
    shutdown: async () => undefined,
  };
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors: [processor], forceFlushTimeoutMillis: 100 }));
}

test('there is a tracer where an SDK is registered, and only there', () => {
  expect(registeredTracer('1')).toBeUndefined();
  register(async () => undefined);
  expect(registeredTracer('1')?.startSpan('a').isRecording()).toBe(true);
});

test('the end waits for the SDK to send what it holds', async () => {
  let flushed = false;
  register(async () => {
    await new Promise(setImmediate);
    flushed = true;
  });
  await flushSpans();
  expect(flushed).toBe(true);
});

test('the end waits neither for ever, nor where there is no SDK or it fails', async () => {
  await flushSpans();
  register(() => Promise.reject(new Error('no collector')));
  await flushSpans();
  trace.disable();
  register(() => new Promise(() => undefined));
  await flushSpans(1);
});
