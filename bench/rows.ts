/** Every measurement, by the name that `npm run bench -- NAME` takes, in the order of a whole run. */
import { commitToSocket } from './rows/commit-to-socket.ts';
import { connections } from './rows/connections.ts';
import { costCurve } from './rows/cost-curve.ts';
import { crowd } from './rows/crowd.ts';
import { durableWrites } from './rows/durable-writes.ts';
import { fanOut } from './rows/fan-out.ts';
import { handshakes } from './rows/handshakes.ts';
import { jitter } from './rows/jitter.ts';
import { leaks } from './rows/leaks.ts';
import { metrics } from './rows/metrics.ts';
import { restart } from './rows/restart.ts';
import { revocation } from './rows/revocation.ts';
import { slowReaders } from './rows/slow-readers.ts';
import { storm } from './rows/storm.ts';
import { tracing } from './rows/tracing.ts';
import type { Measured } from './support/table.ts';

export const ROWS: Readonly<Record<string, () => Promise<Measured>>> = {
  'fan-out': fanOut,
  'commit-to-socket': commitToSocket,
  connections,
  crowd,
  handshakes,
  restart,
  storm,
  jitter,
  'slow-readers': slowReaders,
  'durable-writes': durableWrites,
  'cost-curve': costCurve,
  leaks,
  revocation,
  metrics,
  tracing,
};
