import type { Registry } from 'prom-client';
import { BucketHistogram, seriesKey } from './bucket-histogram.ts';
import { LabelCounter } from './label-counter.ts';

/** Upper bounds of the durations of requests, in seconds; fewer than elsewhere, for there is a series for each route and status. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const;

/** Methods that have series of their own: those that nobody knows would have one for each route. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's path with `:name` for parameters; undefined where there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
  /** Code of the fault that it was answered with; null where all went well. */
  readonly code: string | null;
}

/** What REST answers. */
export class HttpMetrics {
  readonly #errors: LabelCounter;
  readonly #durations = new BucketHistogram<'method' | 'route' | 'status'>({
    name: 'friday_http_request_duration_seconds',
    help: 'Requests by method, route and status: from their first byte until the answer was handed to the kernel.',
    labels: ['method', 'route', 'status'],
    buckets: BUCKETS,
  });

  /** @param codes of all faults that there are. */
  constructor(registry: Registry, codes: readonly string[]) {
    this.#errors = new LabelCounter({
      registry,
      name: 'friday_http_errors_total',
      help: 'Requests that were answered with a fault, by its code.',
      labels: ['code'],
      start: codes,
    });
  }

  get histograms(): readonly BucketHistogram<string>[] {
    return [this.#durations];
  }

  answered({ method, route = 'none', status, ms, code }: AnsweredRequest): void {
    this.#durations.observe(ms / 1000, 1, seriesKey(METHODS.includes(method) ? method : 'other', route, status));
    if (code !== null) this.#errors.add(code);
  }
}
