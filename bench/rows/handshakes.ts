/** Connections a second, one process: Friday's with authentication, Socket.IO's without. */
import type { DialectName } from '../load/dialects.ts';
import { Fleet } from '../load/fleet.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { Rest } from '../support/rest.ts';
import { startSocketIo } from '../support/socket-io.ts';
import type { Measured } from '../support/table.ts';

export interface HandshakesSize {
  readonly connections: number;
  readonly warmUp: number;
  readonly users: number;
}

const FULL: HandshakesSize = { connections: 6_000, warmUp: 3_000, users: 100 };
const AT_ONCE = 64;
const PROCESSES = 1;
const TIMES_MORE = 2.5;

export async function handshakes(size = FULL): Promise<Measured> {
  const friday = await startFriday();
  const socketIo = await startSocketIo();
  try {
    const peer = await costed(socketIo, size, () =>
      openedPerSecond(size, { dialect: 'socketIo', port: socketIo.port, tokens: [] }),
    );
    const ours = await costed(friday, size, () => handshakesPerSecond(friday, size));
    const rows: Measured['rows'] = [
      { what: 'handshakes (Friday: with authentication)', value: ours.perSecond, unit: '/s', peer: peer.perSecond },
      {
        what: 'handshakes: times as many',
        value: ours.perSecond / peer.perSecond,
        unit: '×',
        target: TIMES_MORE,
        bound: 'at least',
      },
      {
        what: "handshakes: the server's processor time for each, with its end",
        value: ours.costUs,
        unit: 'µs',
        peer: peer.costUs,
      },
    ];
    return { rows, raw: { size, friday: ours, socketIo: peer } };
  } finally {
    await socketIo.stop();
    await friday.stop();
  }
}

interface Costed {
  readonly perSecond: number;
  readonly costUs: number;
}

/** With what it cost the server, the warm-up with it. */
async function costed(server: Pick<Friday, 'processorMs'>, size: HandshakesSize, open: () => Promise<number>): Promise<Costed> {
  const before = await server.processorMs();
  const perSecond = await open();
  const costUs = (((await server.processorMs()) - before) * 1000) / (size.connections + size.warmUp);
  return { perSecond, costUs };
}

/** Authenticated connections that a server of Friday's opens a second. */
export async function handshakesPerSecond(friday: Friday, size = FULL): Promise<number> {
  const rest = new Rest(friday.port, 10);
  try {
    return await openedPerSecond(size, { dialect: 'friday', port: friday.port, tokens: await newUsers(rest, size.users) });
  } finally {
    rest.close();
  }
}

interface Server {
  readonly dialect: DialectName;
  readonly port: number;
  readonly tokens: readonly string[];
}

async function openedPerSecond({ connections, warmUp }: HandshakesSize, { dialect, port, tokens }: Server): Promise<number> {
  const fleet = new Fleet(PROCESSES);
  const users = tokens.map((token) => ({ token }));
  try {
    await fleet.connect({ dialect, port, users, count: warmUp, atOnce: AT_ONCE });
    await fleet.cut();
    const { tookMs } = await fleet.connect({ dialect, port, users, count: connections, atOnce: AT_ONCE });
    return (connections * 1000) / tookMs;
  } finally {
    await fleet.end();
  }
}
