/** Whether a server grows under an attack that is made over and over. */
import type { Target } from './target.ts';

const MIB = 1024 * 1024;

/** What a collector of garbage may leave lying about: less than the attacks send in all, or than their connections would hold. */
export const GROWTH_BYTES = 64 * MIB;

/** An attack that is made over and over. */
export interface Attack {
  /** Once all of it, on connections of its own. */
  readonly round: () => Promise<unknown>;
  /** Rounds that are measured; half as many go before, so that pools and caches are filled. */
  readonly rounds: number;
  /** Connections of a round. */
  readonly connections: number;
  /** Bytes that a round sends. */
  readonly bytes: number;
}

export interface Growth {
  readonly grownBytes: number;
  /** The figures in words. */
  readonly report: string;
}

/** Makes the attack while somebody else uses the server. Rejects where that one is not served. */
export async function growthUnder(target: Target, { round, rounds, connections, bytes }: Attack): Promise<Growth> {
  for (let count = 0; count < rounds / 2; count += 1) await round();
  const before = target.residentBytes;
  const { delivered, slowestMs } = await target.during(async () => {
    for (let count = 0; count < rounds; count += 1) await round();
  });
  const after = target.residentBytes;
  const report =
    `${rounds * connections} connections, ${mebibytes(rounds * bytes)} sent: resident ${mebibytes(before)} before, ${mebibytes(after)} ` +
    `after; ${delivered} notes arrived meanwhile, the slowest after ${Math.round(slowestMs)} ms`;
  return { grownBytes: after - before, report };
}

/** Bytes as a reader likes them. */
function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}
