/**
 * OpenTelemetry's SDK for Friday, with an exporter that needs no collector: a line of JSON for each span, in the file that TRACE_FILE
 * names. It must be loaded before the server:
 *
 *     TRACE_FILE=spans.jsonl NODE_OPTIONS='--import ./examples/tracing/tracing.mjs' npm start
 *
 * OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say which traces are kept; without them, all.
 */
import { appendFile } from 'node:fs/promises';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const SUCCESS = 0;
const FAILURE = 1;

/** Appends finished spans to a file. */
class FileExporter {
  #file;

  /** @param {string} file made where there is none. */
  constructor(file) {
    this.#file = file;
  }

  /** Called with a batch now and then; `done` is told how it went. */
  export(spans, done) {
    const lines = spans.map((span) => `${JSON.stringify(described(span))}\n`);
    appendFile(this.#file, lines.join('')).then(
      () => done({ code: SUCCESS }),
      (error) => done({ code: FAILURE, error }),
    );
  }

  async shutdown() {
    // Nothing stays open between two batches.
  }
}

/** What one wants to read of a span. Times are [seconds, nanoseconds]. */
function described(span) {
  const { name, startTime, duration, attributes, events, links, status, parentSpanContext } = span;
  const { traceId, spanId } = span.spanContext();
  const linked = links.map(({ context }) => context.spanId);
  return {
    traceId,
    spanId,
    parentSpanId: parentSpanContext?.spanId,
    name,
    startTime,
    duration,
    attributes,
    events,
    linked,
    status,
  };
}

const exporter = new FileExporter(process.env['TRACE_FILE'] ?? 'spans.jsonl');
new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
