/** `POST /v1/notes` by 50 clients, each answer after a sync to disk: as it is, with a commit for each request, and with nobody told. */
import { LoadProcess } from '../load/load-process.ts';
import type { WriteReport } from '../load/writers.ts';
import { startFriday, startVariant } from '../support/friday.ts';
import type { Variant } from '../support/friday-variant.ts';
import { percentile } from '../support/percentile.ts';
import { Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface WritesSize {
  readonly clients: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Each way so often, in turns: whatever else the machine does hits all of them. */
  readonly rounds: number;
}

const FULL: WritesSize = { clients: 50, warmUpMs: 1_500, measureMs: 3_000, rounds: 3 };
const WAYS = ['as-it-is', 'commit-each', 'no-notifications'] as const satisfies ReadonlyArray<Variant | 'as-it-is'>;
const TIMES_MORE = 3;
const NOTIFICATION_US = 50;

interface Writes {
  readonly perSecond: number;
  readonly p99: number;
  /** Processor time of the server's a write, in microseconds. */
  readonly costUs: number;
}

export async function durableWrites(size = FULL): Promise<Measured> {
  const all: Record<(typeof WAYS)[number], Writes[]> = { 'as-it-is': [], 'commit-each': [], 'no-notifications': [] };
  for (let round = 0; round < size.rounds; round++) for (const way of WAYS) all[way].push(await measure(size, way));
  const median = (way: (typeof WAYS)[number], what: keyof Writes) =>
    percentile(
      all[way].map((writes) => writes[what]),
      0.5,
    );
  const [grouped, each] = [median('as-it-is', 'perSecond'), median('commit-each', 'perSecond')];
  const notification = median('as-it-is', 'costUs') - median('no-notifications', 'costUs');
  return {
    rows: [
      { what: `durable writes, ${size.clients} clients`, value: grouped, unit: '/s' },
      { what: 'durable writes: p99', value: median('as-it-is', 'p99'), unit: 'ms' },
      { what: 'durable writes: with a commit for each', value: each, unit: '/s' },
      { what: 'durable writes: with a commit for each, p99', value: median('commit-each', 'p99'), unit: 'ms' },
      { what: 'durable writes: times as many', value: grouped / each, unit: '×', target: TIMES_MORE, bound: 'at least' },
      { what: 'durable writes: with nobody told', value: median('no-notifications', 'perSecond'), unit: '/s' },
      { what: 'durable writes: processor time of the notification', value: notification, unit: 'µs', target: NOTIFICATION_US },
    ],
    raw: all,
  };
}

async function measure({ clients, warmUpMs, measureMs }: WritesSize, way: (typeof WAYS)[number]): Promise<Writes> {
  const friday = way === 'as-it-is' ? await startFriday() : await startVariant(way);
  const rest = new Rest(friday.port, 1);
  const load = new LoadProcess();
  try {
    const order = { port: friday.port, tokens: [await rest.newUser('writer')], writers: clients };
    sound(await load.call('write', { ...order, forMs: warmUpMs }));
    const before = await friday.processorMs();
    const { written, tookMs, latencies } = sound(await load.call('write', { ...order, forMs: measureMs }));
    const costUs = (((await friday.processorMs()) - before) * 1000) / written;
    return { perSecond: (written * 1000) / tookMs, p99: percentile(latencies, 0.99), costUs };
  } finally {
    rest.close();
    await load.end();
    await friday.stop();
  }
}

function sound(report: WriteReport): WriteReport {
  if (Object.keys(report.failures).length > 0) throw new Error(`Writes failed: ${JSON.stringify(report.failures)}.`);
  return report;
}
