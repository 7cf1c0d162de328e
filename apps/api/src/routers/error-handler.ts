/** The only place where errors become HTTP. */
import { errorBody } from '@friday/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, FridayError } from '../domain/errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the error that it is answered with; null where all went well. */
    errorCode: string | null;
  }
}

/** Answers every error with the one body; what is no fault of the client is logged and told to nobody. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
}

/** Answers one error. The framework's own faults from before the routing come here too. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { entry, message, detail, retryAfterSeconds } = asFridayError(error, request);
  const { status, code } = entry;
  request.errorCode = code;
  if (status >= 500) request.log.error({ err: error, code }, 'request failed');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // Without a token older clients are promised an answer that has no challenge.
  if (status === 401 && code !== 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(code, message, detail)));
}

function asFridayError(error: unknown, request: FastifyRequest): FridayError {
  if (error instanceof FridayError) return error;
  const { code, statusCode } = frameworkFault(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new FridayError(ERRORS.body_too_large, { params: { limit: request.routeOptions.bodyLimit } });
  }
  // Whatever else the framework blames on the client: a length that lies, a path that is no path. And who hangs up within its body.
  const hungUp = request.raw.destroyed && !request.raw.complete;
  return new FridayError(hungUp || statusCode < 500 ? ERRORS.bad_request : ERRORS.INTERNAL_ERROR);
}

/** What the framework says of an error of its own; of any other, that it is ours. */
function frameworkFault(error: unknown): { code: string; statusCode: number } {
  const { code = '', statusCode = 500 } = error instanceof Error ? (error as Partial<FastifyError>) : {};
  return code.startsWith('FST_ERR') ? { code, statusCode } : { code: '', statusCode: 500 };
}
