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
const SAMPLES = 5;

interface Memory {
  readonly resident: number;
  readonly held: number;
}

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
    const each = after.flatMap(({ resident, held }, round) => {
      const when = round === 0 ? 'before' : `after round ${round} of ${size.connections} connections`;
      return [
        { what: `leaks: resident memory ${when}`, value: resident / MIB, unit: 'MiB' },
        { what: `leaks: objects and buffers ${when}`, value: held / MIB, unit: 'MiB' },
      ];
    });
    const rises = [
      { what: 'leaks: rise of resident memory in the last round', value: rise(after, 'resident'), unit: 'MiB', target: 0 },
      { what: 'leaks: rise of objects and buffers in the last round', value: rise(after, 'held'), unit: 'MiB' },
    ];
    const points = (what: keyof Memory) => after.map((memory, round) => [round, memory[what] / MIB] as const);
    const plot = linePlot({
      title: `Memory after rounds of ${size.connections} connections that come and go`,
      x: { label: 'rounds' },
      y: { label: 'memory', unit: 'MiB' },
      series: [
        { name: 'resident', points: points('resident') },
        { name: 'objects and buffers', points: points('held') },
      ],
    });
    return { rows: [...each, ...rises], plots: { leaks: plot }, raw: { size, after } };
  } finally {
    rest.close();
    await load.end();
    await friday.stop();
  }
}

/**
 * What the process holds after a collection, the least of what is seen within the pause: garbage is no leak. Resident memory stays
 * noisy, for the collector gives pages back when it likes; what is held is exact.
 */
async function settled(friday: Friday, { settleMs }: LeaksSize): Promise<Memory> {
  const memory = { resident: Number.POSITIVE_INFINITY, held: Number.POSITIVE_INFINITY };
  for (let sample = 0; sample < SAMPLES; sample++) {
    await pause(settleMs / SAMPLES);
    memory.held = Math.min(memory.held, await friday.collect());
    memory.resident = Math.min(memory.resident, await friday.residentBytes());
  }
  return memory;
}

function rise(after: readonly Memory[], what: keyof Memory): number {
  const [last, previous] = after.toReversed();
  return ((last?.[what] ?? 0) - (previous?.[what] ?? 0)) / MIB;
}
