/**
 * Token buckets: a rate with room for bursts, kept as one number, the time at which the bucket will be full again. Source: the
 * generic cell rate algorithm, ITU-T I.371, annex A.
 */

/** `burst` events at once, then `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A rate given by the minute, all of which may come at once; undefined for 0, which sets no limit. */
export function perMinute(events: number): Rate | undefined {
  return events === 0 ? undefined : { perSecond: events / 60, burst: events };
}

/** One bucket; full at first. Times are monotonic milliseconds. */
export class TokenBucket {
  #fullAt = 0;

  /** Takes a token. @returns 0, or the milliseconds until there will be one. */
  take(rate: Rate, now: number): number {
    const interval = 1000 / rate.perSecond;
    const next = Math.max(this.#fullAt, now) + interval;
    const wait = next - now - rate.burst * interval;
    if (wait > 0) return wait;
    this.#fullAt = next;
    return 0;
  }

  /** Whether it is as good as new. */
  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}

/** A bucket for each key. Full ones are forgotten by {@link sweep}, so memory follows the keys that were active lately. */
export class KeyedBuckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes a token of this key. @returns 0, or the milliseconds until there will be one. */
  take(key: string, now: number): number {
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket();
      this.#buckets.set(key, bucket);
    }
    return bucket.take(this.#rate, now);
  }

  /** Forgets keys whose bucket is full. */
  sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key);
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }
}
