/** Three rounds of 35,000 connects and disconnects, from several loopback addresses: resident memory after each, once garbage was collected. */
import { setTimeout as pause } from 'node:timers/promises';
import { addressesOf } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startVariant } from '../support/friday.ts';
import { linePlot } from '../support/plot.ts';
import { Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface LeaksSize {
  readonly connections: number;
  readonly rounds: number;
  readonly users: number;
  readonly settleMs: number;
}

const FULL: LeaksSize = { connections: 35_000, rounds: 3, users: 100, settleMs: 3_000 };
const AT_ONCE = 200;
const MIB = 1024 * 1024;
const SAMPLES = 20;

export async function leaks(size = FULL): Promise<Measured> {
  const friday = await startVariant('collects');
  const rest = new Rest(friday.port, 10);
  const load = new LoadProcess();
  try {
    const users = (await newUsers(rest, size.users)).map((token) => ({ token }));
    const after = [await settled(friday, size)];
    for (let round = 0; round < size.rounds; round++) {
      const { connections: count } = size;
      const order = { port: friday.port, count, atOnce: AT_ONCE, users, addresses: addressesOf(0) };
      const { failed } = await load.call('churn', order);
      if (failed > 0) throw new Error(`${failed} of ${count} connections failed.`);
      after.push(await settled(friday, size));
    }
    const [last = 0, previous = 0] = after.toReversed();
    const each = after.map((bytes, round) => {
      const what =
        round === 0 ? 'leaks: resident memory before' : `leaks: after round ${round} of ${size.connections} connections`;
      return { what, value: bytes / MIB, unit: 'MiB' };
    });
    const rise = { what: 'leaks: rise in the last round', value: (last - previous) / MIB, unit: 'MiB', target: 0 };
    const points = after.map((bytes, round) => [round, bytes / MIB] as const);
    const plot = linePlot({
      title: `Resident memory after rounds of ${size.connections} connections that come and go`,
      x: { label: 'rounds' },
      y: { label: 'resident memory', unit: 'MiB' },
      series: [{ name: 'Friday', points }],
    });
    return { rows: [...each, rise], plots: { leaks: plot }, raw: { size, residentBytes: after } };
  } finally {
    rest.close();
    await load.end();
    await friday.stop();
  }
}

/** What the process holds after a collection, the least of what is seen within the pause: garbage is no leak. */
async function settled(friday: Friday, { settleMs }: LeaksSize): Promise<number> {
  friday.collect();
  let least = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < SAMPLES; sample++) {
    await pause(settleMs / SAMPLES);
    least = Math.min(least, await friday.residentBytes());
  }
  return least;
}
