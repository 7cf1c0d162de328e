import type { App } from '../app-instance.ts';

/** A request that has been answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template, such as `/v1/notes/:id`; undefined where there is no such path. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
  /** Code of the error that it was answered with; null where all went well. */
  readonly code: string | null;
}

/** Keeps figures of requests. */
export interface RequestFigures {
  answered(request: AnsweredRequest): void;
}

/** Tells of every request that was answered. What has no request, such as bytes that are no HTTP, is not told. */
export function tellRequests(app: App, figures: RequestFigures): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, errorCode: code, routeOptions } = request;
    figures.answered({ method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime, code });
    done();
  });
}
