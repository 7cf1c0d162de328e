/** 5,000 clients on a bad network: each is cut for 2 s every 15 s while 120 broadcasts are made. */
import { addressesOf } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { announce } from '../support/announcer.ts';
import { newUsers } from '../support/batches.ts';
import { startFriday } from '../support/friday.ts';
import { percentiles } from '../support/percentile.ts';
import { Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface JitterSize {
  readonly clients: number;
  readonly users: number;
  readonly broadcasts: number;
  readonly perSecond: number;
  readonly everyMs: number;
  readonly awayMs: number;
}

const FULL: JitterSize = { clients: 5_000, users: 100, broadcasts: 120, perSecond: 4, everyMs: 15_000, awayMs: 2_000 };
const WITHIN_MS = 15_000;
const REPLAY_MS = 300;

export async function jitter(size = FULL): Promise<Measured> {
  const { clients: count, broadcasts, perSecond, everyMs, awayMs } = size;
  const friday = await startFriday();
  const rest = new Rest(friday.port, 10);
  const load = new LoadProcess();
  try {
    const users = (await newUsers(rest, size.users)).map((token) => ({ token }));
    await load.call('follow', { port: friday.port, count, users, addresses: addressesOf(0) });
    const suffering = load.call('jitter', { forMs: (broadcasts / perSecond) * 1000, everyMs, awayMs });
    await announce({ folder: friday.folder, count: broadcasts, perSecond });
    const { cuts, replayMs, failedReconnects } = await suffering;
    const { missing, faults } = await load.call('reach', { channel: 'broadcast', upTo: broadcasts, withinMs: WITHIN_MS });
    const [p50 = 0, p99 = 0] = percentiles(replayMs, [0.5, 0.99]);
    return {
      rows: [
        { what: `jitter: ${count} clients, cuts`, value: cuts, unit: '' },
        { what: `jitter: of ${broadcasts * count} notifications, missing`, value: missing, unit: '', target: 0 },
        { what: 'jitter: doubled or out of order', value: faults, unit: '', target: 0 },
        { what: 'jitter: reconnect → replayed and live, p50', value: p50, unit: 'ms' },
        { what: 'jitter: reconnect → replayed and live, p99', value: p99, unit: 'ms', target: REPLAY_MS },
        { what: 'jitter: reconnects that failed', value: failedReconnects, unit: '', target: 0 },
      ],
      raw: { size, replayMs: Array.from(replayMs) },
    };
  } finally {
    rest.close();
    await load.end();
    await friday.stop();
  }
}
