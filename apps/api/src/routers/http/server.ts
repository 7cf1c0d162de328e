import { randomBytes } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { OriginPolicy } from '@friday/realtime';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { App } from '../app-instance.ts';
import { answerError, answerErrors } from '../error-handler.ts';
import { readBodies } from './body-parser.ts';
import { answerClientError } from './client-errors.ts';
import { allowOrigins } from './cors.ts';
import { requireHost } from './host-header.ts';
import { loggedPath } from './logged-path.ts';
import { MethodGuard } from './methods.ts';
import { limitRates, type RequestLimits } from './rate-limits.ts';
import { type RequestFigures, tellRequests } from './request-figures.ts';
import { type RequestTracing, traceRequests } from './request-tracing.ts';

export interface ServerOptions {
  readonly logger: FastifyBaseLogger;
  readonly origins: OriginPolicy;
  readonly maxBodyBytes: number;
  /** Milliseconds in which a request must have arrived. Default: a minute. */
  readonly requestTimeoutMs?: number;
  /** How often users and addresses may ask; false: as often as they like. */
  readonly rateLimits: RequestLimits | false;
  /** Proxies in front whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: number;
  /** Told of each request. Default: nobody is. */
  readonly metrics?: RequestFigures | undefined;
  /** Follows each request. Default: nobody does. */
  readonly tracing?: RequestTracing | undefined;
}

const HELMET = {
  contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
  // TLS ends at a proxy, whose business this is: said here, it would bind browsers for all of a host's ports.
  strictTransportSecurity: false,
  // Pages of allowed origins read answers by CORS; nobody embeds them.
  crossOriginResourcePolicy: { policy: 'same-site' },
} as const;

/** Milliseconds in which the head of a request must have arrived: who takes longer, or sends none at all, is answered 408. */
const HEAD_TIMEOUT_MS = 10_000;

/** How often slow peers are looked for, in milliseconds. */
const LOOK_FOR_SLOW_MS = 1_000;

/**
 * An HTTP server with all that concerns every route: bodies, validation, errors, CORS, rate limits, the request log.
 * @param addRoutes adds the routes, before the refusal of other methods is set up.
 */
export async function createServer(options: ServerOptions, addRoutes: (app: App) => Promise<void>): Promise<App> {
  const { requestTimeoutMs = 60_000 } = options;
  const app: App = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIds(),
    requestIdHeader: false,
    // Counted from the server: what a client wrote into the header stands before what the proxies added.
    trustProxy: (_address, hop) => hop < (options.trustedProxies ?? 0),
    bodyLimit: options.maxBodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: Math.min(HEAD_TIMEOUT_MS, requestTimeoutMs),
      connectionsCheckingInterval: LOOK_FOR_SLOW_MS,
      requireHostHeader: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerError,
  });
  app.decorateRequest('principal', null);
  app.decorateRequest('refusal', null);
  app.decorateRequest('errorCode', null);
  app.setSerializerCompiler(() => JSON.stringify);
  answerErrors(app);
  if (options.tracing) traceRequests(app, options.tracing);
  if (options.metrics) tellRequests(app, options.metrics);
  logRequests(app);
  requireHost(app);
  await app.register(helmet, HELMET);
  await allowOrigins(app, options.origins);
  // Before unknown paths and other methods are refused, so that those count; after CORS, so that pages can read the refusal.
  if (options.rateLimits) await limitRates(app, options.rateLimits);
  const methods = new MethodGuard();
  methods.watch(app);
  readBodies(app);
  await addRoutes(app);
  methods.refuseOthers(app);
  return app;
}

/** Unique over restarts: six random bytes, and a counter. Nobody outside has a say in them. */
function requestIds(): () => string {
  const start = randomBytes(6).toString('base64url');
  let count = 0;
  return () => {
    count += 1;
    return `${start}-${count}`;
  };
}

/** One line for each finished request. */
function logRequests(app: App): void {
  app.addHook('onResponse', (request, reply, done) => {
    const fields = {
      method: request.method,
      path: loggedPath(request.url),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      user_id: request.principal?.userId,
    };
    request.log.info(fields, 'request');
    done();
  });
}
