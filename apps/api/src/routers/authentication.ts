import { type Authenticator, type Principal, RealtimeError } from '@friday/realtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor } from '../domain/actor.ts';
import { errorTable, FridayError } from '../domain/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; where nothing is said, only who has a token. */
    access?: 'public';
    /** How a refused token is worded: as the resources do, or as older clients know it of `/auth/me`. */
    refusals?: 'me';
  }
  interface FastifyRequest {
    /** Why there is no principal. */
    refusal: FridayError | null;
  }
}

export const AUTHENTICATION_ERRORS = errorTable({
  UNAUTHORIZED: { message: 'Invalid or missing authentication token', status: 401 },
  unauthenticated: { message: 'Not authenticated', status: 401 },
  token_invalid: { message: '{fault}', status: 401 },
  token_expired: { message: 'Token has expired', status: 401 },
  revoked: { message: 'Token has been revoked', status: 401 },
  issuer_unavailable: { message: "The keys of the token's issuer cannot be had now.", status: 503, retryable: true },
});

/**
 * Finds out who asks, before rates are limited (by user, where known), and refuses strangers after that. Applies to all routes of
 * this scope but those of access `public`.
 */
export function authenticateRequests(app: FastifyInstance, authenticator: Authenticator): void {
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.config.access === 'public') return;
    const outcome = await identify(request, authenticator);
    if (outcome instanceof FridayError) request.refusal = outcome;
    else request.principal = outcome;
  });
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.refusal) throw request.refusal;
    done();
  });
}

/** Who asks, on a route that needs a token. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new FridayError(AUTHENTICATION_ERRORS.unauthenticated);
  return request.principal;
}

/** Who asks and by which client, on a route that needs a token. */
export function actorOf(request: FastifyRequest): Actor {
  const origin = request.headers['friday-client-id'];
  return { userId: principalOf(request).userId, origin: typeof origin === 'string' ? origin : undefined };
}

async function identify(request: FastifyRequest, authenticator: Authenticator): Promise<Principal | FridayError> {
  const plain = request.routeOptions.config.refusals === 'me';
  const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return missing(plain);
  try {
    return await authenticator.authenticate(token);
  } catch (error) {
    if (error instanceof RealtimeError) return refused(error, plain);
    throw error;
  }
}

function missing(plain: boolean): FridayError {
  if (plain) return new FridayError(AUTHENTICATION_ERRORS.unauthenticated);
  const { code, message } = AUTHENTICATION_ERRORS.UNAUTHORIZED;
  return new FridayError(AUTHENTICATION_ERRORS.UNAUTHORIZED, { detail: { code, message, type: 'AuthenticationError' } });
}

function refused(error: RealtimeError, plain: boolean): FridayError {
  const { code, message, retryAfterMs = 1000 } = error;
  if (code === 'server_error') {
    const retryAfterSeconds = Math.ceil(retryAfterMs / 1000);
    return new FridayError(AUTHENTICATION_ERRORS.issuer_unavailable, { retryAfterSeconds, cause: error });
  }
  if (code === 'token_expired' || code === 'revoked') return new FridayError(AUTHENTICATION_ERRORS[code]);
  const fault = plain && message === 'Invalid token' ? 'Could not validate credentials' : message;
  return new FridayError(AUTHENTICATION_ERRORS.token_invalid, { params: { fault } });
}
