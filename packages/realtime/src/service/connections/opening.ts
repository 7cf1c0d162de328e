import { LIMITS } from '@friday/protocol';
import { channelName, isChannelKey } from '../../domain/channel.ts';
import type { RealtimeMetrics } from '../../domain/metrics.ts';
import type { ChangeLog, Clock, Logger, Principal } from '../../domain/ports.ts';
import type { RealtimeSettings } from '../../domain/settings.ts';
import type { ChannelHub } from '../channel-hub.ts';
import type { Channel, Connection } from './connection.ts';
import type { ConnectionRegistry } from './registry.ts';
import { findStart, type Start } from './start.ts';

/** A principal whose start is known and whose channels are held for it. */
export interface Prepared {
  readonly principal: Principal;
  readonly channels: readonly Channel[];
  readonly start: Start;
}

export interface OpeningDeps {
  readonly log: ChangeLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<RealtimeMetrics, 'opened'>;
  readonly settings: RealtimeSettings;
  readonly hub: ChannelHub;
  readonly registry: ConnectionRegistry;
}

/** How a connection gets from a verified principal to `connected` (P7, P8). */
export class Opening {
  readonly #deps: OpeningDeps;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /** Channels are followed before their heads are read, so that no wake-up falls between. */
  async prepare(principal: Principal, position: string | undefined): Promise<Prepared> {
    const { hub, log } = this.#deps;
    checkPrincipal(principal);
    const channels = principal.channels.map((key) => hub.acquire(key));
    try {
      const start = await findStart(log, principal.channels, position);
      for (const { channel, head } of start.places) hub.wake({ channel, seq: head });
      return { principal, channels, start };
    } catch (error) {
      for (const channel of channels) hub.release(channel);
      throw error;
    }
  }

  abandon({ channels }: Prepared): void {
    for (const channel of channels) this.#deps.hub.release(channel);
  }

  /** Subscribes the connection and queues `connected`; the pump does the rest. */
  open(connection: Connection, prepared: Prepared, ref?: string): void {
    const { clock, logger, metrics, settings, registry } = this.#deps;
    const { principal, channels, start } = prepared;
    connection.phase = 'open';
    connection.principal = principal;
    registry.identify(connection, principal.userId);
    connection.subscriptions = start.places.flatMap(({ seq, tag, head }, index) => {
      const channel = channels[index];
      return channel ? [{ connection, channel, seq, tag, target: head }] : [];
    });
    for (const subscription of connection.subscriptions) subscription.channel.subscriptions.add(subscription);
    const missed = start.places.reduce((sum, { seq, head }) => sum + head - seq, 0);
    if (missed > 0) connection.catchingUpSince = clock.monotonic();
    metrics.opened(start.resumed ? 'resumed' : (start.reason ?? 'fresh'), missed);
    connection.answer({
      type: 'connected',
      connection_id: connection.id,
      user_id: principal.userId,
      cursor: connection.position,
      resumed: start.resumed,
      ...(start.reason !== undefined && { reason: start.reason }),
      heartbeat_seconds: settings.heartbeatSeconds,
      expires_at: new Date(principal.expiresAt).toISOString(),
      server_time: new Date(clock.now()).toISOString(),
      ...(ref !== undefined && { ref }),
    });
    logger.info(
      {
        connection_id: connection.id,
        user_id: principal.userId,
        address: connection.transport.address,
        resumed: start.resumed,
        reason: start.reason,
      },
      'connection opened',
    );
  }
}

/** Principals come from the host: a fault in one is a fault of the server. */
function checkPrincipal({ channels, expiresAt }: Principal): void {
  const names = new Set(channels.map(channelName));
  if (channels.length > LIMITS.channels || names.size !== channels.length || !channels.every(isChannelKey)) {
    throw new TypeError(`A principal has at most ${LIMITS.channels} channels, with valid keys and distinct names.`);
  }
  if (Number.isNaN(new Date(expiresAt).getTime()))
    throw new TypeError("A principal's expiresAt is a time, in milliseconds since 1970.");
}
