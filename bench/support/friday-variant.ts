/**
 * The server with something composed out, to see what it is worth: `FRIDAY_BENCH_VARIANT` names it. Everything else is the server's own
 * entry.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SqliteUnitOfWork } from '../../apps/api/src/infrastructure/database/sqlite-unit-of-work.ts';
import { WebSocketService } from '../../packages/realtime/src/service/websocket-service.ts';
import { HELD_FILE } from './process-figures.ts';

/**
 * `commit-each`: no two writes share a commit; `no-notifications`: notes are written and nobody is told; `collects`: collects its
 * garbage at SIGUSR2, and says how many bytes of objects and buffers are left.
 */
export const VARIANTS = ['commit-each', 'no-notifications', 'collects'] as const;
export type Variant = (typeof VARIANTS)[number];

function commitEach(): void {
  const { run } = SqliteUnitOfWork.prototype;
  let last: Promise<unknown> = Promise.resolve();
  SqliteUnitOfWork.prototype.run = function alone<T>(this: SqliteUnitOfWork, work: Parameters<typeof run<T>>[0]): Promise<T> {
    const mine = last.then(() => run.call(this, work)) as Promise<T>;
    last = mine.catch(() => undefined);
    return mine;
  };
}

function noNotifications(): void {
  WebSocketService.prototype.notify = () => undefined;
}

function collects(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const file = join(process.env['FRIDAY_DATA_DIR'] ?? '', HELD_FILE);
  process.on('SIGUSR2', () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, String(heapUsed + external));
    renameSync(`${file}.new`, file);
  });
}

const variant = process.env['FRIDAY_BENCH_VARIANT'];
if (variant === 'commit-each') commitEach();
else if (variant === 'no-notifications') noNotifications();
else if (variant === 'collects') collects();
await import('../../apps/api/src/main.ts');
