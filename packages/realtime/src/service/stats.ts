import type { ConnectionState, RealtimeStats } from '../domain/metrics.ts';
import type { Admission } from './admission/admission.ts';
import type { ChannelHub } from './channel-hub.ts';
import type { ClientFrames } from './connections/client-frames.ts';
import type { Connection } from './connections/connection.ts';
import type { ConnectionRegistry } from './connections/registry.ts';
import type { FrameCache } from './delivery/frame-cache.ts';
import type { FrameLoader } from './delivery/frame-loader.ts';
import type { Pump } from './delivery/pump.ts';

type Seen = Pick<RealtimeStats, 'connections' | 'behind' | 'windows'>;

/** The parts of a service that are asked. */
export interface ObservedParts {
  readonly registry: ConnectionRegistry;
  readonly cache: FrameCache;
  readonly loader: FrameLoader;
  readonly hub: ChannelHub;
  readonly pump: Pump;
  readonly admission: Admission;
  readonly frames: ClientFrames;
}

/** How they stand, and what they have counted. */
export function statsOf({ registry, cache, loader, hub, pump, admission, frames }: ObservedParts): RealtimeStats {
  return {
    ...lookAt(registry.all),
    sent: { ...pump.counts },
    receivedFrames: frames.received,
    cache: { ...cache.stats, misses: loader.asked },
    channels: hub.size,
    handshakesWaiting: admission.waiting,
    logReadsWaiting: loader.waiting,
  };
}

/** Looks at every connection: some 50 ns each. */
function lookAt(connections: Iterable<Connection>): Seen {
  const states = { unauthenticated: 0, catching_up: 0, live: 0, closing: 0 };
  const behind = { connections: 0, notifications: 0, most: 0 };
  const windows = { full: 0, pinged: 0, blocked: 0 };
  for (const connection of connections) {
    states[stateOf(connection)]++;
    const lacking = lackOf(connection);
    if (lacking > 0) behind.connections++;
    behind.notifications += lacking;
    behind.most = Math.max(behind.most, lacking);
    if (connection.window.full) windows.full++;
    else if (connection.window.awaitsPong) windows.pinged++;
    if (connection.blockedSince !== undefined) windows.blocked++;
  }
  return { connections: states, behind, windows };
}

function stateOf({ phase, live }: Connection): ConnectionState {
  if (phase === 'ended') return 'closing';
  if (phase !== 'open') return 'unauthenticated';
  return live ? 'live' : 'catching_up';
}

/** Notifications that are committed and not sent. */
function lackOf({ subscriptions }: Connection): number {
  let lacking = 0;
  for (const { channel, seq } of subscriptions) lacking += Math.max(0, channel.head - seq);
  return lacking;
}
