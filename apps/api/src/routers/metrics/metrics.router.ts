import { FridayError } from '../../domain/errors.ts';
import type { Router } from '../app-instance.ts';
import { AUTHENTICATION_ERRORS } from '../authentication.ts';
import { METRICS_TYPE, type MetricsSource, metricsAccess } from './metrics-access.ts';

/** `/metrics` on the server's own port, for who has the token. It is no part of the API that clients see. */
export function metricsRouter(source: MetricsSource, token: string): Router {
  const allowed = metricsAccess(token);
  return (app) => {
    app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
      if (!allowed(request.headers.authorization)) throw new FridayError(AUTHENTICATION_ERRORS.unauthenticated);
      return reply
        .type(METRICS_TYPE)
        .header('cache-control', 'no-store')
        .serializer(String)
        .send(await source.scrape());
    });
  };
}
