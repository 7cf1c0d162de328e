/** 1,000 connections stop reading while notifications are made for them: memory, and whether all arrive once they read again. */
import { setTimeout as pause } from 'node:timers/promises';
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { announce } from '../support/announcer.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startVariant } from '../support/friday.ts';
import { socketBytes } from '../support/process-figures.ts';
import { Rest } from '../support/rest.ts';
import type { Measured, Row } from '../support/table.ts';

export interface SlowSize {
  readonly readers: number;
  /** Of each reader's own, and of everybody's. */
  readonly notesEach: number;
  readonly broadcasts: number;
  readonly settleMs: number;
}

const FULL: SlowSize = { readers: 1_000, notesEach: 100, broadcasts: 1_000, settleMs: 1_500 };
const AT_ONCE = 50;
const MIB = 1024 * 1024;
const WITHIN_MS = 60_000;
const WRITTEN_WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 50;
const STOPPED_MIB = 32;
const DRAINING_MIB = 200;
const KERNEL_MIB = 300_000_000 / MIB;

interface Scene {
  readonly size: SlowSize;
  readonly friday: Friday;
  readonly fleet: Fleet;
  readonly tokens: readonly string[];
}

interface Memory {
  readonly resident: number;
  readonly kernel: number;
}

interface Settled extends Memory {
  /** Objects and buffers. */
  readonly held: number;
}

interface Result {
  readonly before: Settled;
  readonly stopped: Settled;
  readonly peak: Memory;
  readonly drainMs: number;
  readonly missing: number;
}

export async function slowReaders(size = FULL): Promise<Measured> {
  const friday = await startVariant('collects', { FRIDAY_SLOW_READER_SECONDS: '600' });
  const rest = new Rest(friday.port, AT_ONCE);
  const fleet = new Fleet(1);
  const writing = new LoadProcess();
  try {
    const { port, folder } = friday;
    const { readers, notesEach, broadcasts } = size;
    const tokens = await newUsers(rest, readers);
    await fleet.connect({ dialect: 'friday', port, count: readers, atOnce: AT_ONCE, users: tokens.map((token) => ({ token })) });
    await fleet.start({ sampleEvery: 0 });
    const write = async (each: number) => {
      const count = each * readers;
      const { written } = await writing.call('write', { port, tokens, writers: AT_ONCE, forMs: WRITTEN_WITHIN_MS, count });
      if (written < count) throw new Error(`Only ${written} of ${count} notes could be written.`);
    };
    // As many as will be written for those who do not read: what writing itself takes is there before.
    await write(notesEach);
    const scene = { size, friday, fleet, tokens };
    const notes = await whileStopped(scene, 2 * notesEach, () => write(notesEach));
    const expected = 2 * notesEach + broadcasts;
    const news = await whileStopped(scene, expected, () => announce({ folder, count: broadcasts }));
    const rows = [
      ...describe(`${notesEach * readers} notes for ${readers} slow readers`, notes),
      ...describe(`${broadcasts} broadcasts to ${readers} slow readers`, news),
    ];
    return { rows, raw: { size, notes, news } };
  } finally {
    rest.close();
    await Promise.all([fleet.end(), writing.end()]);
    await friday.stop();
  }
}

/** Has all stop reading, makes notifications, has all read again. @param expected how many each must have had by then. */
async function whileStopped({ size, friday, fleet }: Scene, expected: number, make: () => Promise<unknown>): Promise<Result> {
  const before = await settled(friday, size);
  await fleet.pause();
  await make();
  const stopped = await settled(friday, size);
  const start = performance.now();
  await fleet.resume();
  let peak: Memory = stopped;
  let missing = Number.POSITIVE_INFINITY;
  while (missing > 0 && performance.now() - start < WITHIN_MS) {
    const now = await memory(friday);
    peak = { resident: Math.max(peak.resident, now.resident), kernel: Math.max(peak.kernel, now.kernel) };
    missing = (await fleet.each()).reduce((sum, had) => sum + Math.max(0, expected - had), 0);
    await pause(LOOK_EVERY_MS);
  }
  return { before, stopped, peak, missing, drainMs: performance.now() - start };
}

/** Looks after a while, and a collection: garbage is not what stopped readers cost. */
async function settled(friday: Friday, { settleMs }: SlowSize): Promise<Settled> {
  await pause(settleMs);
  const held = (await friday.collect()) / MIB;
  return { ...(await memory(friday)), held };
}

async function memory(friday: Friday): Promise<Memory> {
  return { resident: (await friday.residentBytes()) / MIB, kernel: (await socketBytes()) / MIB };
}

function describe(what: string, { before, stopped, peak, drainMs, missing }: Result): Row[] {
  return [
    { what: `${what}: resident memory before`, value: before.resident, unit: 'MiB' },
    { what: `${what}: more while stopped`, value: stopped.resident - before.resident, unit: 'MiB', target: STOPPED_MIB },
    { what: `${what}: more objects and buffers while stopped`, value: stopped.held - before.held, unit: 'MiB' },
    { what: `${what}: more while draining`, value: peak.resident - before.resident, unit: 'MiB', target: DRAINING_MIB },
    { what: `${what}: the kernel's, at most`, value: peak.kernel, unit: 'MiB', target: KERNEL_MIB },
    { what: `${what}: time to drain`, value: drainMs / 1000, unit: 's' },
    { what: `${what}: notifications missing at the end`, value: missing, unit: '', target: 0 },
  ];
}
