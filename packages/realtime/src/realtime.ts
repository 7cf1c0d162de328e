/** Composes the notification layer of one node: what a host calls, and nothing else. */
import type { Server } from 'node:http';
import { NO_METRICS, type RealtimeMetrics } from './domain/metrics.ts';
import type { Authenticator, Broker, ChangeLog, Clock, Logger } from './domain/ports.ts';
import { type RealtimeSettings, realtimeSettings } from './domain/settings.ts';
import { MemoryBroker } from './infrastructure/brokers/memory-broker.ts';
import { silentLogger } from './infrastructure/silent-logger.ts';
import { systemClock } from './infrastructure/system-clock.ts';
import { type OriginPolicy, originPolicy } from './router/origin.ts';
import { UpgradeHandler } from './router/upgrade-handler.ts';
import { WebSocketService } from './service/websocket-service.ts';

export interface RealtimeOptions {
  readonly log: ChangeLog;
  readonly authenticator: Authenticator;
  /** Default: a single node. */
  readonly broker?: Broker;
  readonly clock?: Clock;
  /** Default: none. */
  readonly logger?: Logger;
  /** What figures are kept in. Default: none. */
  readonly metrics?: RealtimeMetrics;
  /** Default: the server's own origin only. */
  readonly origins?: OriginPolicy;
  readonly settings?: Partial<RealtimeSettings>;
}

/** The running layer. */
export interface Realtime {
  readonly service: WebSocketService;
  readonly upgrades: UpgradeHandler;
  /** Takes over the upgrades of an HTTP server. */
  attach(server: Server): void;
  /** Refuses new connections and asks all to go, spread over the drain window (P21); resolves once the last has been asked. */
  drain(): Promise<void>;
  /** Closes every connection with 4200 and resolves when their sockets are gone, after `graceMs` at the latest. */
  close(graceMs?: number): Promise<void>;
}

/** Starts the layer. */
export function createRealtime(options: RealtimeOptions): Realtime {
  const { log, authenticator, broker = new MemoryBroker(), clock = systemClock, logger = silentLogger } = options;
  const { origins = originPolicy({ allowed: [], loopback: false }) } = options;
  const { metrics = NO_METRICS } = options;
  const settings = realtimeSettings(options.settings);
  const service = new WebSocketService({ log, broker, authenticator, clock, logger, settings, metrics });
  const upgrades = new UpgradeHandler({ service, origins, logger, clock, metrics, trustedProxies: settings.trustedProxies });
  return {
    service,
    upgrades,
    attach: (server) => upgrades.attach(server),
    drain: () => service.drain(),
    close: async (graceMs = 2_000) => {
      await service.close(graceMs);
      await broker.close();
    },
  };
}
