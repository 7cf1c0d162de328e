import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { FridayError } from '../../domain/errors.ts';

/** Says in a span why its work failed: the code, never the message, which may repeat what a user wrote. */
export function recordFailure(span: Span, error: unknown): void {
  span.setAttribute('error.type', typeOf(error));
  // What the client brought about is an outcome, and no fault of the server's.
  if (!(error instanceof FridayError && error.entry.status < 500)) span.setStatus({ code: SpanStatusCode.ERROR });
}

function typeOf(error: unknown): string {
  if (error instanceof FridayError) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}
