/**
 * The value that a share of the samples does not exceed, by the nearest-rank method.
 * @param share from 0 to 1.
 */
export function percentile(samples: Iterable<number>, share: number): number {
  return percentiles(samples, [share])[0] ?? Number.NaN;
}

/** The same for several shares, in their order, with one sorting. */
export function percentiles(samples: Iterable<number>, shares: readonly number[]): number[] {
  const sorted = Float64Array.from(samples).sort();
  if (sorted.length === 0) throw new Error('There are no samples.');
  return shares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
}
