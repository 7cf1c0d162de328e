/** From the writer's send to the frame at another socket of that user: 1,000 connections of 1,000 users, 200 writes/s over all. */
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { newUsers } from '../support/batches.ts';
import { startFriday } from '../support/friday.ts';
import { percentiles } from '../support/percentile.ts';
import { linePlot } from '../support/plot.ts';
import { Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface CommitSize {
  readonly users: number;
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const FULL: CommitSize = { users: 1_000, perSecond: 200, warmUpMs: 3_000, measureMs: 15_000 };
const AT_ONCE = 50;
const SHARES = Array.from({ length: 100 }, (_, index) => index / 100);
const P50_MS = 1.5;
const P99_MS = 8;

export async function commitToSocket(size = FULL): Promise<Measured> {
  const { users: count, perSecond, warmUpMs, measureMs } = size;
  const friday = await startFriday();
  const rest = new Rest(friday.port, AT_ONCE);
  const fleet = new Fleet(1);
  const writing = new LoadProcess();
  try {
    const tokens = await newUsers(rest, count);
    const users = tokens.map((token) => ({ token }));
    await fleet.connect({ dialect: 'friday', port: friday.port, count, atOnce: AT_ONCE, users });
    const write = (forMs: number) => writing.call('write', { port: friday.port, tokens, writers: AT_ONCE, forMs, perSecond });
    await write(warmUpMs);
    await fleet.quiet();
    await fleet.start({ sampleEvery: 1 });
    const { written } = await write(measureMs);
    const { messages, latencies } = await fleet.take({ atLeast: written, withinMs: 5_000 });
    if (messages !== written) throw new Error(`${written} writes, but ${messages} frames.`);
    const [p50 = 0, p99 = 0, most = 0] = percentiles(latencies, [0.5, 0.99, 1]);
    const what = `commit → socket, ${count} users, ${perSecond} writes/s`;
    return {
      rows: [
        { what: `${what}: p50`, value: p50, unit: 'ms', target: P50_MS },
        { what: `${what}: p99`, value: p99, unit: 'ms', target: P99_MS },
        { what: 'commit → socket: slowest', value: most, unit: 'ms' },
      ],
      plots: { 'commit-to-socket': plot(latencies) },
      raw: { size, latencies: Array.from(latencies) },
    };
  } finally {
    rest.close();
    await Promise.all([fleet.end(), writing.end()]);
    await friday.stop();
  }
}

function plot(latencies: Float64Array): string {
  const values = percentiles(latencies, SHARES);
  return linePlot({
    title: "From the writer's send to the frame at another socket of that user",
    x: { label: 'share of the notifications that took no longer', unit: '%' },
    y: { label: 'time', unit: 'ms' },
    series: [{ name: 'Friday', points: SHARES.map((share, index) => [share * 100, values[index] ?? Number.NaN] as const) }],
  });
}
