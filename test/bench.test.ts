import { describe, expect, test } from 'vitest';
import { commitToSocket } from '../bench/rows/commit-to-socket.ts';
import { connections } from '../bench/rows/connections.ts';
import { costCurve } from '../bench/rows/cost-curve.ts';
import { crowd } from '../bench/rows/crowd.ts';
import { durableWrites } from '../bench/rows/durable-writes.ts';
import { fanOut } from '../bench/rows/fan-out.ts';
import { handshakes } from '../bench/rows/handshakes.ts';
import { jitter } from '../bench/rows/jitter.ts';
import { leaks } from '../bench/rows/leaks.ts';
import { metrics } from '../bench/rows/metrics.ts';
import { restart } from '../bench/rows/restart.ts';
import { revocation } from '../bench/rows/revocation.ts';
import { slowReaders } from '../bench/rows/slow-readers.ts';
import { storm } from '../bench/rows/storm.ts';
import type { Measured } from '../bench/support/table.ts';

/** Sizes that take a second or two: whether the measurements still run, not what they measure. */
const SMALL: Readonly<Record<string, () => Promise<Measured>>> = {
  'fan-out': () => fanOut({ sockets: 20, writers: 2, warmUpMs: 150, measureMs: 400 }),
  'commit-to-socket': () => commitToSocket({ users: 5, perSecond: 50, warmUpMs: 100, measureMs: 300 }),
  connections: () => connections({ steps: [20, 40], perUser: 10, settleMs: 10, writeMs: 200 }),
  crowd: () => crowd({ servers: 2, connectionsEach: 20, usersEach: 2, settleMs: 10 }),
  handshakes: () => handshakes({ connections: 40, warmUp: 10, users: 2, rounds: 1 }),
  restart: () =>
    restart({
      clients: 20,
      users: 4,
      perSecond: 20,
      beforeMs: 200,
      afterMs: 1_000,
      handshakes: { connections: 20, warmUp: 5, users: 2, rounds: 1 },
    }),
  storm: () => storm({ live: 4, users: 2, clients: 20, missed: 2, calmMs: 300 }),
  jitter: () => jitter({ clients: 20, users: 2, broadcasts: 4, perSecond: 8, everyMs: 300, awayMs: 50 }),
  'slow-readers': () => slowReaders({ readers: 10, notesEach: 5, broadcasts: 5, settleMs: 10 }),
  'durable-writes': () => durableWrites({ clients: 5, warmUpMs: 50, measureMs: 200, rounds: 1 }),
  'cost-curve': () => costCurve({ steps: [10, 20], perSecond: 20, warmUpMs: 100, measureMs: 400 }),
  leaks: () => leaks({ connections: 60, rounds: 2, users: 2, settleMs: 20 }),
  revocation: () => revocation(3),
  metrics: () => metrics({ sockets: 10, writers: 2, rounds: 1, measureMs: 300 }),
};

describe('each measurement runs, and gives whole figures and plots', () => {
  for (const [name, measure] of Object.entries(SMALL)) {
    test(name, { timeout: 60_000 }, async () => {
      const { rows, plots = {} } = await measure();
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
      expect(rows.filter(({ what, value }) => /missing|lost|doubled|did not/.test(what) && value !== 0)).toEqual([]);
      for (const svg of Object.values(plots)) {
        expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
        expect(svg).not.toContain('NaN');
      }
    });
  }
});
