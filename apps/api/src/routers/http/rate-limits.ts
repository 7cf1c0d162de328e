import rateLimit from '@fastify/rate-limit';
import { addressKey } from '@friday/realtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ERRORS, FridayError } from '../../domain/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that a stranger could wear out: each address has a limit for it alone. */
    limitedAs?: 'registration' | 'token';
  }
}

/** How many requests may come; all of a window at once, if need be. */
export interface RequestLimits {
  /** Of one user; of one address where a request proves no user. */
  readonly requestsPerUserPerMinute: number;
  /** Of one address, of all its users together. */
  readonly requestsPerAddressPerMinute: number;
  /** Attempts to register in ten minutes. */
  readonly registrationsPerAddress: number;
  /** Attempts to get a token. */
  readonly tokensPerAddressPerMinute: number;
}

const MINUTE = 60_000;

/** Users and addresses that each limit remembers. */
const REMEMBERED = 20_000;

/**
 * Limits the rate of requests: by address (IPv6: by its /64) before anything of a request is looked at, and then by user where one is
 * known, else by address. Routes with `rateLimit: false` are not limited. Refuses with `rate_limited`.
 */
export async function limitRates(app: FastifyInstance, limits: RequestLimits): Promise<void> {
  const routeLimits = {
    registration: { max: limits.registrationsPerAddress, timeWindow: 10 * MINUTE },
    token: { max: limits.tokensPerAddressPerMinute, timeWindow: MINUTE },
  };
  app.addHook('onRoute', (route) => {
    const kind = route.config?.limitedAs;
    if (kind) route.config = { ...route.config, rateLimit: { ...routeLimits[kind], cache: REMEMBERED } };
  });
  await app.register(rateLimit, {
    max: limits.requestsPerUserPerMinute,
    timeWindow: MINUTE,
    hook: 'preValidation',
    cache: REMEMBERED,
    keyGenerator: (request: FastifyRequest) => request.principal?.userId ?? addressKey(request.ip),
    errorResponseBuilder: (_request, { ttl }) => rateLimited(ttl),
  });
  limitAddresses(app, limits.requestsPerAddressPerMinute);
}

/** Counts every request for its address, whatever becomes of it. */
function limitAddresses(app: FastifyInstance, max: number): void {
  // A constant of its own, for the library's types do not know of `cache` here.
  const options = {
    max,
    timeWindow: MINUTE,
    cache: REMEMBERED,
    keyGenerator: (request: FastifyRequest) => addressKey(request.ip),
  };
  const count = app.createRateLimit(options);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.rateLimit === false) return;
    const outcome = await count(request);
    if (!outcome.isAllowed && outcome.isExceeded) throw rateLimited(outcome.ttl);
  });
}

function rateLimited(waitMs: number): FridayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new FridayError(ERRORS.rate_limited, { params: { seconds }, retryAfterSeconds: seconds });
}
