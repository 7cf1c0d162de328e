import rateLimit from '@fastify/rate-limit';
import { addressKey } from '@friday/realtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ERRORS, FridayError } from '../../domain/errors.ts';

const MINUTE = 60_000;

/** Requests that one user, or one address where there is no user, may make. */
export const USUAL_LIMIT = { max: 1200, timeWindow: MINUTE };

/** For routes that a stranger could wear out: each address by itself. */
export const REGISTRATION_LIMIT = { max: 20, timeWindow: 10 * MINUTE };
export const TOKEN_LIMIT = { max: 60, timeWindow: MINUTE };

/** Limits the rate of requests, by user where one is known, else by address (IPv6: by its /64). Refuses with `rate_limited`. */
export async function limitRates(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    ...USUAL_LIMIT,
    hook: 'preValidation',
    cache: 20_000,
    keyGenerator: (request: FastifyRequest) => request.principal?.userId ?? addressKey(request.ip),
    errorResponseBuilder: (_request, { ttl }) => {
      const seconds = Math.max(1, Math.ceil(ttl / 1000));
      return new FridayError(ERRORS.rate_limited, { params: { seconds }, retryAfterSeconds: seconds });
    },
  });
}
