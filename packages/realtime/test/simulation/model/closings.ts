/** Which closes the service owes, and which it may not make. */
import type { Principal } from '../../../src/domain/ports.ts';
import type { RealtimeSettings } from '../../../src/domain/settings.ts';
import { SWEEP_MS } from '../../../src/service/connections/sweep.ts';
import type { SimulatedClock } from '../world/clock.ts';
import type { Flow } from './flow.ts';

interface Circumstances {
  readonly clock: SimulatedClock;
  readonly settings: RealtimeSettings;
}

/** What is known of one connection. */
interface Watched {
  readonly flow: Flow;
  readonly principal: Principal | undefined;
  readonly progress: { readonly gap: boolean } | undefined;
  readonly open: boolean;
  readonly sweeps: number;
  readonly blockedSince: number | undefined;
  readonly demanded: string | undefined;
  readonly allowed: ReadonlySet<string>;
}

/** What the service counts from the beginning of a piece of work is seen at its end: up to this much later. */
const WITHIN_TURN_MS = 50;

/** The moment at which time limits were looked at. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** The rule that speaks of a close code. */
export function ruleOf(code: number): string {
  if (code === 4001 || code === 4003) return 'P19';
  return code === 4103 || code === 4202 ? 'P22' : 'P21';
}

/** Whether there is a cause to close for this reason, now. */
export function mayClose(witness: Watched, reason: string, { clock, settings }: Circumstances): boolean {
  if (witness.demanded === reason || witness.allowed.has(reason)) return true;
  const now = { wall: clock.now(), monotonic: clock.elapsed + WITHIN_TURN_MS };
  if (reason === 'too_slow') return witness.progress?.gap === true || isSlow(witness, now, settings);
  if (reason === 'heartbeat_timeout') return isSilent(witness, now, settings);
  if (reason === 'token_expired') return isExpired(witness, now);
  return reason === 'unauthenticated' && isLate(witness, settings);
}

/** What a sweep at that moment must have closed; undefined where the connection may stay. */
export function mustClose(witness: Watched, then: Moment, settings: RealtimeSettings): string | undefined {
  if (!witness.open) return isLate(witness, settings) ? 'unauthenticated' : undefined;
  if (isExpired(witness, then)) return 'token_expired';
  if (isSlow(witness, then, settings)) return 'too_slow';
  return isSilent(witness, then, settings) ? 'heartbeat_timeout' : undefined;
}

/** P22: a peer that has not read notifications, or takes no more bytes, for too long. */
function isSlow({ flow, blockedSince }: Watched, now: Moment, { slowReaderSeconds }: RealtimeSettings): boolean {
  const slow = slowReaderSeconds * 1000;
  if (flow.inFlight > 0 && flow.waitingSince !== undefined && now.monotonic - flow.waitingSince >= slow) return true;
  return blockedSince !== undefined && now.monotonic - blockedSince >= slow;
}

/** P22: nothing but a ping waits, for two intervals. */
function isSilent({ flow }: Watched, now: Moment, { heartbeatSeconds }: RealtimeSettings): boolean {
  return flow.inFlight === 0 && flow.waitingSince !== undefined && now.monotonic - flow.waitingSince >= 2000 * heartbeatSeconds;
}

function isExpired({ principal }: Watched, { wall }: Moment): boolean {
  return principal !== undefined && wall >= principal.expiresAt;
}

/** P2: the first frame has not come in time. Sweeps are counted, not time: that in the process's own queue does not count. */
function isLate({ principal, sweeps }: Watched, { authTimeoutSeconds }: RealtimeSettings): boolean {
  return principal === undefined && sweeps * SWEEP_MS > authTimeoutSeconds * 1000;
}
