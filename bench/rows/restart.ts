/** 5,000 clients whose server is killed with -9 and started again on the same data, while 200 writes/s go on. */
import { setTimeout as pause } from 'node:timers/promises';
import { addressesOf } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { ReturnOrder, ReturnReport } from '../load/returning.ts';
import type { WriteReport } from '../load/writers.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { percentiles } from '../support/percentile.ts';
import { Rest } from '../support/rest.ts';
import type { Measured, Row } from '../support/table.ts';
import { type HandshakesSize, handshakesPerSecond } from './handshakes.ts';

export interface RestartSize {
  readonly clients: number;
  readonly users: number;
  readonly perSecond: number;
  /** Written before the kill, and at most after it. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly handshakes: HandshakesSize;
}

const FULL: RestartSize = {
  clients: 5_000,
  users: 100,
  perSecond: 200,
  beforeMs: 2_000,
  afterMs: 10_000,
  handshakes: { connections: 5_000, warmUp: 3_000, users: 50, rounds: 1 },
};
const WRITERS = 20;
const WITHIN_MS = 60_000;
const HANDSHAKES_TIMES = 1.2;

interface Storm {
  readonly clients: ReturnReport;
  readonly writes: WriteReport;
}

export async function restart(size = FULL): Promise<Measured> {
  const calm = await startFriday();
  const perSecond = await handshakesPerSecond(calm, size.handshakes).finally(() => calm.stop());
  const atOnce = await survive(size, 'none');
  const withBackoff = await survive(size, 'full-jitter');
  const target = (HANDSHAKES_TIMES * size.clients * 1000) / perSecond;
  return {
    rows: [
      { what: 'kill -9 and restart: handshakes of the same run', value: perSecond, unit: '/s' },
      ...rows(`${size.clients} at once`, atOnce, target),
      ...rows('with the backoff of the SDKs', withBackoff),
    ],
    raw: { size, atOnce, withBackoff },
  };
}

async function survive(
  { clients: count, users, perSecond, beforeMs, afterMs }: RestartSize,
  backoff: ReturnOrder['backoff'],
): Promise<Storm> {
  const friday = await startFriday({ FRIDAY_ADMISSION_SECONDS: '60' });
  const rest = new Rest(friday.port, 10);
  const load = new LoadProcess();
  const writing = new LoadProcess();
  try {
    const { port } = friday;
    const tokens = await newUsers(rest, users);
    await load.call('open', { port, count, users: tokens.map((token) => ({ token })), addresses: addressesOf(0), backoff });
    const writes = writing.call('write', { port, tokens, writers: WRITERS, forMs: beforeMs + afterMs, perSecond });
    await pause(beforeMs);
    await killAndStart(friday);
    const done = await writes;
    return { clients: await load.call('returned', { withinMs: WITHIN_MS }), writes: done };
  } finally {
    rest.close();
    await Promise.all([load.end(), writing.end()]);
    await friday.stop();
  }
}

async function killAndStart(friday: Friday): Promise<void> {
  await friday.kill();
  friday.start();
}

function rows(what: string, { clients, writes }: Storm, target?: number): Row[] {
  const [p50 = 0, p99 = 0] = percentiles(clients.liveAfterMs, [0.5, 0.99]);
  const [away = 0] = percentiles(clients.awayMs, [0.99]);
  const name = `kill -9 and restart, ${what}`;
  return [
    { what: `${name}: TCP connect → live, p50`, value: p50, unit: 'ms' },
    { what: `${name}: TCP connect → live, p99`, value: p99, unit: 'ms', ...(target === undefined ? {} : { target }) },
    { what: `${name}: cut → live, p99`, value: away, unit: 'ms' },
    { what: `${name}: acknowledged writes without their notification`, value: unannounced(clients, writes), unit: '', target: 0 },
    { what: `${name}: notifications lost, doubled or out of order`, value: clients.faults, unit: '', target: 0 },
    { what: `${name}: clients that did not come back or lag`, value: clients.away + lagging(clients), unit: '', target: 0 },
  ];
}

/** Users began at 0 and are written for in turn: all numbers together are at least as many as the writes that were answered. */
function unannounced({ seqs, users }: ReturnReport, { written }: WriteReport): number {
  const announced = seqs.subarray(0, users).reduce((sum, seq) => sum + seq, 0);
  return Math.max(0, written - announced);
}

/** Clients that have not got as far as another of the same user. */
function lagging({ seqs, users }: ReturnReport): number {
  const heads = new Float64Array(users);
  for (const [index, seq] of seqs.entries()) heads[index % users] = Math.max(seq, heads[index % users] ?? 0);
  return seqs.reduce((sum, seq, index) => sum + (seq < (heads[index % users] ?? 0) ? 1 : 0), 0);
}
