import { createHash, timingSafeEqual } from 'node:crypto';

/** Where metrics come from. */
export interface MetricsSource {
  /** All of them as they are now, as {@link METRICS_TYPE}. */
  scrape(): Promise<string>;
}

/** Prometheus' text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Says whether an `Authorization` header may read the metrics. */
export type MetricsAccess = (authorization: string | undefined) => boolean;

/**
 * The check of a bearer token; how long it takes says nothing of the token.
 * @param token undefined where everybody may read.
 */
export function metricsAccess(token: string | undefined): MetricsAccess {
  if (token === undefined) return () => true;
  const expected = digest(token);
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

/** Of one length, whatever the length of the text. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
