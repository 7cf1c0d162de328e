import type { ProtocolErrorCode } from '@friday/protocol';
import type { Clock } from '../../domain/ports.ts';
import type { RealtimeSettings } from '../../domain/settings.ts';
import type { Pump } from '../delivery/pump.ts';
import type { Connection } from './connection.ts';
import type { ConnectionRegistry } from './registry.ts';

/** Pause between two sweeps. Every time limit of a connection is kept to within it. */
export const SWEEP_MS = 250;

/**
 * Runs sweeps at their pace. One that comes late, because the process was stopped or busy, waits until what came meanwhile has been read:
 * the answers of peers lie in the kernel, and none may be judged by what it has long sent.
 * @returns a function that ends them.
 */
export function everySweep(clock: Pick<Clock, 'monotonic' | 'every' | 'defer'>, run: () => void): () => void {
  let last = clock.monotonic();
  return clock.every(SWEEP_MS, () => {
    const now = clock.monotonic();
    const late = now - last >= 2 * SWEEP_MS;
    last = now;
    if (late) clock.defer(run);
    else run();
  });
}

export interface SweepDeps {
  readonly clock: Clock;
  readonly settings: RealtimeSettings;
  readonly registry: ConnectionRegistry;
  readonly pump: Pump;
  readonly close: (connection: Connection, code: ProtocolErrorCode) => void;
}

/** All time limits of all connections, in one pass instead of a timer each (I6). */
export class Sweep {
  readonly #deps: SweepDeps;

  constructor(deps: SweepDeps) {
    this.#deps = deps;
  }

  run(): void {
    const { clock, registry } = this.#deps;
    const now = clock.monotonic();
    const wall = clock.now();
    for (const connection of registry.unauthenticated) this.#checkAuthentication(connection);
    for (const connection of registry.all) {
      if (connection.phase === 'open') this.#check(connection, now, wall);
    }
  }

  /** Counts sweeps, not time: while the loop is busy none run, so waiting in our own queue does not count (P2). */
  #checkAuthentication(connection: Connection): void {
    if (connection.phase !== 'new') return;
    connection.sweeps++;
    if (connection.sweeps * SWEEP_MS > this.#deps.settings.authTimeoutSeconds * 1000)
      this.#deps.close(connection, 'unauthenticated');
  }

  #check(connection: Connection, now: number, wall: number): void {
    const { settings, pump, close } = this.#deps;
    const silence = settings.heartbeatSeconds * 1000;
    const expiresAt = connection.principal?.expiresAt ?? 0;
    const fault = this.#fault(connection, now, wall);
    if (fault) {
      close(connection, fault);
      return;
    }
    if (!connection.expiryAnnounced && wall >= expiresAt - settings.tokenExpiringSeconds * 1000) {
      connection.expiryAnnounced = connection.answer({ type: 'token_expiring', expires_at: new Date(expiresAt).toISOString() });
    }
    if (now - connection.lastWrite >= silence) connection.heartbeatDue = true;
    else if (now - connection.window.pingedAt >= silence) connection.pingDue = true;
    if (connection.controlDue || connection.behind) pump.wake(connection);
  }

  /** Why the connection must end now, if it must. */
  #fault(connection: Connection, now: number, wall: number): ProtocolErrorCode | undefined {
    const { slowReaderSeconds, heartbeatSeconds } = this.#deps.settings;
    const { principal, window, blockedSince } = connection;
    if (wall >= (principal?.expiresAt ?? 0)) return 'token_expired';
    if (blockedSince !== undefined && now - blockedSince >= slowReaderSeconds * 1000) return 'too_slow';
    return window.overdue(now, slowReaderSeconds * 1000, 2 * heartbeatSeconds * 1000);
  }
}
