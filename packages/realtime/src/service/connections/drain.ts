import type { Clock } from '../../domain/ports.ts';
import type { Connection } from './connection.ts';
import type { ConnectionRegistry } from './registry.ts';

const STEP_MS = 20;

/**
 * Closes connections one by one, so that they do not all come back at once (P21): the window has a slot of equal length for each, the
 * first begins now, and each stays live until its own.
 * @param windowMs milliseconds.
 * @returns once the last has been asked to go.
 */
export function drain(
  connections: readonly Connection[],
  windowMs: number,
  clock: Clock,
  close: (connection: Connection) => void,
): Promise<void> {
  const start = clock.monotonic();
  let closed = 0;
  return new Promise((resolve) => {
    const step = () => {
      const share = windowMs === 0 ? 1 : Math.min(1, (clock.monotonic() - start) / windowMs);
      const due = Math.min(connections.length, Math.floor(share * connections.length) + 1);
      for (const connection of connections.slice(closed, due)) close(connection);
      closed = due;
      if (closed < connections.length) return;
      stop();
      resolve();
    };
    const stop = clock.every(STEP_MS, step);
    step();
  });
}

/**
 * Waits for the end of all sockets, after a close has been sent to each; those whose peers answer too late are ended at once.
 * @param graceMs milliseconds that peers have.
 */
export async function terminateLate(registry: ConnectionRegistry, clock: Clock, graceMs: number): Promise<void> {
  if (registry.all.size === 0) return;
  const deadline = clock.monotonic() + graceMs;
  const stop = clock.every(graceMs / 10, () => {
    if (clock.monotonic() >= deadline) for (const { transport } of registry.all) transport.terminate();
  });
  await registry.empty();
  stop();
}
