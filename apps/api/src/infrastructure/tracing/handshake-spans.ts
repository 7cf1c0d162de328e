import { protocolError, WEBSOCKET_PATH } from '@friday/protocol';
import type { RealtimeMetrics } from '@friday/realtime';
import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';

/**
 * Makes a span of each WebSocket handshake, once it is known how it ended: a trace of its own, for browsers can send no `traceparent`
 * with it.
 * @param inner is told of everything as before.
 */
export function traceHandshakes(tracer: Tracer, inner: RealtimeMetrics): RealtimeMetrics {
  return {
    handshake: (outcome, ms) => {
      makeSpan(tracer, outcome, ms);
      inner.handshake(outcome, ms);
    },
    opened: (outcome, missed) => inner.opened(outcome, missed),
    caughtUp: (ms) => inner.caughtUp(ms),
    closed: (code, reason) => inner.closed(code, reason),
    answeredError: (code) => inner.answeredError(code),
    announced: (type) => inner.announced(type),
    delivered: (connections, ms) => inner.delivered(connections, ms),
    deliveryFailed: (fault) => inner.deliveryFailed(fault),
    readLog: (rows, ms) => inner.readLog(rows, ms),
    reconciled: (found) => inner.reconciled(found),
  };
}

/** As that of a request, see {@link RequestSpans}. */
function makeSpan(tracer: Tracer, outcome: Parameters<RealtimeMetrics['handshake']>[0], ms: number): void {
  const status = outcome === 'accepted' ? 101 : (protocolError(outcome).httpStatus ?? 500);
  const attributes = {
    'http.request.method': 'GET',
    'http.route': WEBSOCKET_PATH,
    'http.response.status_code': status,
    ...(outcome !== 'accepted' && { 'error.type': outcome }),
  };
  const end = Date.now();
  const options = { root: true, kind: SpanKind.SERVER, attributes, startTime: end - ms };
  const span = tracer.startSpan(`GET ${WEBSOCKET_PATH}`, options);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end);
}
