import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { OriginPolicy } from '@friday/realtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const REFUSED: FastifyCorsOptions = { origin: false, preflight: false };
const ALLOWED: FastifyCorsOptions = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type', 'Friday-Client-Id', 'If-Match', 'Traceparent', 'Tracestate'],
  exposedHeaders: ['Allow', 'ETag', 'Friday-Cursor', 'Retry-After', 'WWW-Authenticate'],
  credentials: false,
  maxAge: 600,
};

/** Lets pages of the allowed origins read answers (P3). Others are served as anyone, and their browsers keep the answer from them. */
export async function allowOrigins(app: FastifyInstance, allowed: OriginPolicy): Promise<void> {
  await app.register(cors, {
    delegator: (request: FastifyRequest, done: (error: Error | null, options?: FastifyCorsOptions) => void) => {
      const { origin, host } = request.headers;
      if (origin === undefined || !allowed(origin, host)) return done(null, REFUSED);
      // An OPTIONS that asks for no method is no preflight, but a method like any other.
      const preflight = request.headers['access-control-request-method'] !== undefined;
      return done(null, { ...ALLOWED, origin, preflight });
    },
  });
}
