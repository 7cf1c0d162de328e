/** Idle connections by the thousand: memory of each, the time to open them, and delivery among them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DialectName } from '../load/dialects.ts';
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { percentiles } from '../support/percentile.ts';
import { linePlot } from '../support/plot.ts';
import { Rest } from '../support/rest.ts';
import { startSocketIo } from '../support/socket-io.ts';
import type { Measured } from '../support/table.ts';

export interface ConnectionsSize {
  /** Memory is looked at after each of these numbers; the last is the whole. */
  readonly steps: readonly number[];
  readonly perUser: number;
  readonly settleMs: number;
  readonly writeMs: number;
}

const FULL: ConnectionsSize = { steps: [4_500, 9_000, 18_000], perUser: 100, settleMs: 4_000, writeMs: 10_000 };
const WRITES_PER_SECOND = 20;
const AT_ONCE = 128;
/** A process opens 20,000 files where the machine was left as it is, and a client is a file as well. */
const CLIENT_PROCESSES = 2;
const KIB = 1024;
const EACH_KIB = 8;
const FLAT = 1.2;

interface Server {
  readonly port: number;
  residentBytes(): Promise<number>;
}

interface Opened {
  readonly perSecond: number;
  readonly beforeBytes: number;
  /** Resident memory after each step. */
  readonly residentBytes: readonly number[];
}

interface Opening {
  readonly server: Server;
  readonly fleet: Fleet;
  readonly dialect: DialectName;
  readonly tokens: readonly string[];
}

export async function connections(size = FULL): Promise<Measured> {
  const socketIo = await startSocketIo();
  const peer = await withFleet(CLIENT_PROCESSES, (fleet) =>
    open(size, { server: socketIo, fleet, dialect: 'socketIo', tokens: [] }),
  ).finally(() => socketIo.stop());
  const friday = await startFriday();
  try {
    const { opened, latencies } = await withFleet(CLIENT_PROCESSES, (fleet) => onFriday(size, friday, fleet));
    const [p50 = 0, p99 = 0] = percentiles(latencies, [0.5, 0.99]);
    const most = size.steps.at(-1) ?? 0;
    const each = perConnection(opened, size);
    const peerEach = perConnection(peer, size);
    const rows: Measured['rows'] = [
      { what: `connections: ${most} in one process, opened`, value: opened.perSecond, unit: '/s', peer: peer.perSecond },
      ...size.steps.map((count, index) => ({
        what: `connections: resident memory each, of ${count}`,
        value: each[index] ?? Number.NaN,
        unit: 'KiB',
        peer: peerEach[index] ?? Number.NaN,
        ...(count === most ? { target: EACH_KIB } : {}),
      })),
      {
        what: `connections: memory each, of ${most} and of ${size.steps[0]}`,
        value: (each.at(-1) ?? 0) / (each[0] ?? 0),
        unit: '×',
        target: FLAT,
      },
      { what: `connections: delivery to ${size.perUser} of ${most}, p50`, value: p50, unit: 'ms' },
      { what: `connections: delivery to ${size.perUser} of ${most}, p99`, value: p99, unit: 'ms' },
    ];
    return { rows, plots: { connections: plot(size, opened, peer) }, raw: { size, friday: opened, socketIo: peer } };
  } finally {
    await friday.stop();
  }
}

async function onFriday(
  size: ConnectionsSize,
  friday: Friday,
  fleet: Fleet,
): Promise<{ opened: Opened; latencies: Float64Array }> {
  const { perUser, steps, writeMs } = size;
  const rest = new Rest(friday.port, 10);
  const writing = new LoadProcess();
  try {
    const { port } = friday;
    const tokens = await newUsers(rest, Math.ceil((steps.at(-1) ?? 0) / perUser));
    const opened = await open(size, { server: friday, fleet, dialect: 'friday', tokens });
    await fleet.start({ sampleEvery: 1 });
    await writing.call('write', { port, tokens: tokens.slice(0, 1), writers: 4, forMs: writeMs, perSecond: WRITES_PER_SECOND });
    const { latencies } = await fleet.take({ atLeast: 0, withinMs: 0 });
    return { opened, latencies };
  } finally {
    rest.close();
    await writing.end();
  }
}

/** Opens as many as the last step says; those of one user stand side by side. */
async function open({ steps, settleMs }: ConnectionsSize, { server, fleet, dialect, tokens }: Opening): Promise<Opened> {
  const users = tokens.map((token) => ({ token }));
  const beforeBytes = await server.residentBytes();
  const residentBytes: number[] = [];
  let tookMs = 0;
  let count = 0;
  for (const step of steps) {
    const report = await fleet.connect({ dialect, port: server.port, count: step - count, atOnce: AT_ONCE, users });
    tookMs += report.tookMs;
    count = step;
    await pause(settleMs);
    residentBytes.push(await server.residentBytes());
  }
  return { perSecond: (count * 1000) / tookMs, beforeBytes, residentBytes };
}

async function withFleet<T>(processes: number, work: (fleet: Fleet) => Promise<T>): Promise<T> {
  const fleet = new Fleet(processes);
  try {
    return await work(fleet);
  } finally {
    await fleet.end();
  }
}

/** In KiB, at each step. */
function perConnection({ beforeBytes, residentBytes }: Opened, { steps }: ConnectionsSize): number[] {
  return residentBytes.map((bytes, index) => (bytes - beforeBytes) / KIB / (steps[index] ?? 1));
}

function plot(size: ConnectionsSize, ours: Opened, peer: Opened): string {
  const points = ({ beforeBytes, residentBytes }: Opened) => [
    [0, beforeBytes / KIB / KIB] as const,
    ...residentBytes.map((bytes, index) => [size.steps[index] ?? 0, bytes / KIB / KIB] as const),
  ];
  return linePlot({
    title: 'Resident memory of one process with idle connections',
    x: { label: 'connections' },
    y: { label: 'resident memory', unit: 'MiB' },
    series: [
      { name: 'Friday', points: points(ours) },
      { name: 'Socket.IO 4', points: points(peer) },
    ],
  });
}
