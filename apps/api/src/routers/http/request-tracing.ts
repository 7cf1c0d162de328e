import type { IncomingHttpHeaders } from 'node:http';
import type { App } from '../app-instance.ts';
import { loggedPath } from './logged-path.ts';

/** Follows requests. */
export interface RequestTracing {
  begin(request: {
    readonly method: string;
    /** The template, such as `/v1/notes/:id`; undefined where there is no such path. */
    readonly route: string | undefined;
    /** As it may be logged. */
    readonly path: string;
    readonly scheme: string;
    readonly id: string;
    readonly headers: IncomingHttpHeaders;
  }): RequestTrace;
}

/** Follows one request. */
export interface RequestTrace {
  /** Runs what comes next of the request as a part of its trace. */
  run(next: () => void): void;
  /** @param outcome `status` is undefined when the connection ended before the answer. */
  end(outcome: { readonly status: number | undefined; readonly errorCode: string | null }): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    trace: RequestTrace | null;
  }
}

/** Has all requests followed from their head to the end of their answer. To be added before all other hooks. */
export function traceRequests(app: App, tracing: RequestTracing): void {
  app.decorateRequest('trace', null);
  app.addHook('onRequest', (request, reply, done) => {
    const { method, protocol: scheme, id, headers, is404 } = request;
    const route = is404 ? undefined : request.routeOptions.url;
    const trace = tracing.begin({ method, route, path: loggedPath(request.url), scheme, id, headers });
    request.trace = trace;
    // Comes at every end, also where the connection was cut.
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : undefined;
      trace.end({ status, errorCode: request.errorCode });
    });
    trace.run(done);
  });
  // The body has come by events of its connection, which is no part of the trace.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.trace) request.trace.run(done);
    else done();
  });
}
