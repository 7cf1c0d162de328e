import type { Authenticator, Realtime } from '@friday/realtime';
import type { App, Router } from './app-instance.ts';
import { authenticateRequests } from './authentication.ts';
import { addDocs, type DocsOptions, describeRoutes } from './docs.router.ts';
import { healthRouter, type ReadinessChecks } from './health.router.ts';
import type { RequestFigures } from './http/request-figures.ts';
import { createServer, type ServerOptions } from './http/server.ts';
import { metricsRouter } from './metrics/metrics.router.ts';
import type { MetricsSource } from './metrics/metrics-access.ts';
import { validateRequests } from './validation/request-validation.ts';
import { websocketRouter } from './websocket.router.ts';

export interface ApiParts extends ServerOptions {
  /** What is told of requests, and read at `/metrics`. Default: nobody keeps figures. */
  readonly metrics?: (MetricsSource & RequestFigures) | undefined;
  /** Opens `/metrics` on this server's port. Default: it is not there. */
  readonly metricsToken?: string | undefined;
  readonly authenticator: Authenticator;
  readonly realtime: Realtime;
  /** Below `/v1`, behind authentication and validation. */
  readonly routers: readonly Router[];
  readonly checks: ReadinessChecks;
  readonly docs: DocsOptions;
}

/** The HTTP server with all its routes; it does not listen yet. */
export async function createApi(parts: ApiParts): Promise<App> {
  return createServer(parts, async (app) => {
    await describeRoutes(app, parts.docs);
    healthRouter(parts.checks)(app);
    websocketRouter((request) => parts.realtime.upgrades.answer(request))(app);
    if (parts.metrics && parts.metricsToken !== undefined) metricsRouter(parts.metrics, parts.metricsToken)(app);
    await app.register(
      (scope: App, _options, done) => {
        keepOutOfCaches(scope);
        // Hooks run in this order: who asks, whether they may, whether the request is valid.
        authenticateRequests(scope, parts.authenticator);
        validateRequests(scope);
        for (const addRoutes of parts.routers) addRoutes(scope);
        done();
      },
      { prefix: '/v1' },
    );
    await addDocs(app, parts.docs);
  });
}

/** What a user wrote, and secrets that are shown once, are for no cache on the way. RFC 9111 section 5.2.2.5, RFC 6749 section 5.1. */
function keepOutOfCaches(app: App): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });
}
