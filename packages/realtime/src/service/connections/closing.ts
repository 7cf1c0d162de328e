import { type ProtocolErrorCode, protocolError } from '@friday/protocol';
import { RealtimeError } from '../../domain/errors.ts';
import type { RealtimeMetrics } from '../../domain/metrics.ts';
import type { Clock, Logger } from '../../domain/ports.ts';
import type { ChannelHub } from '../channel-hub.ts';
import { type Connection, controlFrame } from './connection.ts';
import type { ConnectionRegistry } from './registry.ts';

const SERVER_ERROR = 4201;
/** Codes from here on ask the client to come back. */
const RETRYABLE_FROM = 4100;
const MAX_JITTER_MS = 500;

export interface ClosingDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<RealtimeMetrics, 'closed'>;
  readonly hub: ChannelHub;
  readonly registry: ConnectionRegistry;
}

/** How this side ends a connection. */
export class Closing {
  readonly #deps: ClosingDeps;

  constructor(deps: ClosingDeps) {
    this.#deps = deps;
  }

  /** Says why (`error`, or `reconnect` where the client should come back) as far as the peer still reads, and closes. */
  fail(connection: Connection, fault: RealtimeError): void {
    if (connection.phase === 'ended') return;
    const { transport } = connection;
    const { closeCode = SERVER_ERROR, retryable } = protocolError(fault.code);
    connection.phase = 'ended';
    connection.closedBy = fault.code;
    if (transport.writable) {
      transport.cork();
      for (const frame of connection.takeControlFrames(this.#deps.clock.now())) transport.write(frame);
      if (closeCode < RETRYABLE_FROM) {
        transport.write(controlFrame({ type: 'error', code: fault.code, message: fault.message, retryable }));
      } else {
        const after_ms = (fault.retryAfterMs ?? 0) + Math.floor(Math.random() * MAX_JITTER_MS);
        transport.write(controlFrame({ type: 'reconnect', after_ms }));
      }
      transport.close(closeCode, fault.code);
      transport.uncork();
    } else {
      transport.close(closeCode, fault.code);
    }
    this.release(connection);
  }

  /** Closes every connection, for one and the same reason. */
  failAll(code: ProtocolErrorCode): void {
    for (const connection of this.#deps.registry.all) this.fail(connection, new RealtimeError(code));
  }

  /** Closes those connections of a user that were opened with a token of an older generation (P20). */
  revoke(userId: string, generation: number): void {
    for (const connection of this.#deps.registry.ofUser(userId)) {
      if ((connection.principal?.generation ?? 0) < generation) this.fail(connection, new RealtimeError('revoked'));
    }
  }

  /** Closes a connection that cannot be served: what comes next is gone (P8b), or its reads came too late. */
  refuse(connection: Connection, why: 'gone' | 'late'): void {
    if (why === 'gone') this.fail(connection, new RealtimeError('too_slow', 'What comes next is no longer kept: refetch.'));
    else
      this.fail(
        connection,
        new RealtimeError('over_capacity', 'Too many clients read what they missed.', { retryAfterMs: 1_000 }),
      );
  }

  /** Forgets a connection whose socket has ended. @param code 1006 when the peer sent no close frame. */
  end(connection: Connection, code: number): void {
    const { logger, metrics, registry } = this.#deps;
    this.release(connection);
    registry.remove(connection);
    const { id, principal, closedBy, transport } = connection;
    metrics.closed(code, closedBy);
    const who = { connection_id: id, user_id: principal?.userId, address: transport.address };
    logger.info({ ...who, code, reason: closedBy ?? 'peer' }, 'connection closed');
  }

  /** Ends delivery to a connection: it leaves its channels. */
  release(connection: Connection): void {
    connection.phase = 'ended';
    for (const subscription of connection.subscriptions) {
      subscription.channel.subscriptions.delete(subscription);
      this.#deps.hub.release(subscription.channel);
    }
    connection.subscriptions = [];
  }
}
