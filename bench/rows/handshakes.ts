/** Connections a second, one process: Friday's with authentication, Socket.IO's without. */
import type { DialectName } from '../load/dialects.ts';
import { Fleet } from '../load/fleet.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { Rest } from '../support/rest.ts';
import { startSocketIo } from '../support/socket-io.ts';
import type { Measured } from '../support/table.ts';

export interface HandshakesSize {
  readonly connections: number;
  readonly warmUp: number;
  readonly users: number;
  /** Each server so often, in turns: whatever else the machine does hits both. */
  readonly rounds: number;
}

const FULL: HandshakesSize = { connections: 5_000, warmUp: 3_000, users: 100, rounds: 3 };
const AT_ONCE = 64;
const PROCESSES = 1;
const TIMES_MORE = 2.5;

interface Opened {
  readonly perSecond: number;
  /** Processor time of the server's for each, in microseconds. */
  readonly costUs: number;
}

interface Server {
  readonly dialect: DialectName;
  readonly port: number;
  readonly tokens: readonly string[];
  readonly processorMs: () => Promise<number>;
}

export async function handshakes(size = FULL): Promise<Measured> {
  const friday = await startFriday();
  const socketIo = await startSocketIo();
  try {
    const servers = [{ ...socketIo, dialect: 'socketIo', tokens: [] } as const, await authenticated(friday, size)] as const;
    const [peer, ours] = await inTurns(size, servers);
    const rows: Measured['rows'] = [
      { what: 'handshakes (Friday: with authentication)', value: ours.perSecond, unit: '/s', peer: peer.perSecond },
      {
        what: 'handshakes: times as many',
        value: ours.perSecond / peer.perSecond,
        unit: '×',
        target: TIMES_MORE,
        bound: 'at least',
      },
      { what: "handshakes: the server's processor time for each", value: ours.costUs, unit: 'µs', peer: peer.costUs },
    ];
    return { rows, raw: { size, friday: ours, socketIo: peer } };
  } finally {
    await socketIo.stop();
    await friday.stop();
  }
}

/** Authenticated connections that a server of Friday's opens a second. */
export async function handshakesPerSecond(friday: Friday, size = FULL): Promise<number> {
  const [{ perSecond }] = await inTurns(size, [await authenticated(friday, size)] as const);
  return perSecond;
}

async function authenticated({ port, processorMs }: Friday, { users }: HandshakesSize): Promise<Server> {
  const rest = new Rest(port, 10);
  try {
    return { dialect: 'friday', port, processorMs, tokens: await newUsers(rest, users) };
  } finally {
    rest.close();
  }
}

/** The median of each server's rounds, in the order of the servers. */
async function inTurns<Servers extends readonly Server[]>(
  size: HandshakesSize,
  servers: Servers,
): Promise<{ [Index in keyof Servers]: Opened }> {
  const all: Opened[][] = servers.map(() => []);
  for (const server of servers) await open(server, size.warmUp);
  for (let round = 0; round < size.rounds; round++) {
    for (const [index, server] of servers.entries()) all[index]?.push(await open(server, size.connections));
  }
  // A mapped tuple has no way to be built item by item.
  return all.map(median) as { [Index in keyof Servers]: Opened };
}

function median(rounds: readonly Opened[]): Opened {
  const of = (what: keyof Opened) =>
    percentile(
      rounds.map((round) => round[what]),
      0.5,
    );
  return { perSecond: of('perSecond'), costUs: of('costUs') };
}

async function open({ dialect, port, tokens, processorMs }: Server, count: number): Promise<Opened> {
  const fleet = new Fleet(PROCESSES);
  const users = tokens.map((token) => ({ token }));
  try {
    const before = await processorMs();
    const { tookMs } = await fleet.connect({ dialect, port, users, count, atOnce: AT_ONCE });
    const costUs = (((await processorMs()) - before) * 1000) / count;
    await fleet.cut();
    return { perSecond: (count * 1000) / tookMs, costUs };
  } finally {
    await fleet.end();
  }
}
