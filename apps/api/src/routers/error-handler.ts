/** The only place where errors become HTTP. */
import { errorBody, protocolError } from '@friday/protocol';
import { RealtimeError } from '@friday/realtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, FridayError } from '../domain/errors.ts';

/** An error as it is answered. */
interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly detail: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

/** Answers every error with the one body; what is no fault of the client is logged and told to nobody. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
}

/** Answers one error. Fastify's own faults from before the routing come here too. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, message, detail, retryAfterSeconds } = describe(error, request);
  if (status >= 500) request.log.error({ err: error, code }, 'request failed');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // Without a token older clients are promised an answer that has no challenge.
  if (status === 401 && code !== 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(code, message, detail)));
}

function describe(error: unknown, request: FastifyRequest): Answer {
  if (error instanceof FridayError) return ofFriday(error);
  if (error instanceof RealtimeError) return ofRealtime(error);
  const { code = '', statusCode = 500 } = error instanceof Error ? (error as Error & { code?: string; statusCode?: number }) : {};
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return ofFriday(new FridayError(ERRORS.body_too_large, { params: { limit: request.routeOptions.bodyLimit } }));
  }
  // Whatever else the framework blames on the client: a length that lies, a path that is no path.
  if (code.startsWith('FST_ERR') && statusCode < 500) return ofFriday(new FridayError(ERRORS.bad_request));
  return ofFriday(new FridayError(ERRORS.INTERNAL_ERROR));
}

function ofFriday({ entry, message, detail, retryAfterSeconds }: FridayError): Answer {
  return { status: entry.status, code: entry.code, message, detail, retryAfterSeconds };
}

function ofRealtime({ code, message, retryAfterMs }: RealtimeError): Answer {
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  return { status: protocolError(code).httpStatus ?? 500, code, message, detail: message, retryAfterSeconds };
}
