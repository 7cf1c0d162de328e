import { setImmediate as turn } from 'node:timers/promises';
import { BROADCAST_CHANNEL, userChannel } from '../../src/domain/channel.ts';
import type { Authenticator, Broker, BrokerListener, Principal, WakeUp } from '../../src/domain/ports.ts';
import { type RealtimeSettings, realtimeSettings } from '../../src/domain/settings.ts';
import type { Connection } from '../../src/service/connections/connection.ts';
import { WebSocketService } from '../../src/service/websocket-service.ts';
import { GatedLog } from './gated-log.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingMetrics } from './recording-metrics.ts';
import { RecordingTransport } from './recording-transport.ts';
import { openTestLog, type TestLog } from './test-log.ts';
import { tokenAuthenticator } from './tokens.ts';

/** A broker whose other end is the test. */
export class TestBroker implements Broker {
  readonly published: WakeUp[] = [];
  listener: BrokerListener | undefined;

  publish(wakeUps: readonly WakeUp[]): void {
    this.published.push(...wakeUps);
  }

  subscribe(listener: BrokerListener): void {
    this.listener = listener;
  }

  async ready(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    this.listener = undefined;
  }
}

export interface Peer {
  readonly transport: RecordingTransport;
  readonly connection: Connection;
}

/** The service on a real log; its peers and its clock are in the test's hands. */
export interface TestService {
  readonly service: WebSocketService;
  readonly clock: ManualClock;
  readonly database: TestLog;
  readonly log: GatedLog;
  readonly broker: TestBroker;
  readonly logger: RecordingLogger;
  readonly metrics: RecordingMetrics;
  /** Connects a user as an upgrade with a token does. */
  connect(userId: string, options?: { readonly position?: string; readonly expiresAt?: number }): Promise<Peer>;
  /** Connects a peer that has still to authenticate. */
  connectBare(position?: string): Peer;
  /** Lets promises and deferred work come to their end. */
  settle(): Promise<void>;
}

export interface TestServiceOptions {
  readonly settings?: Partial<RealtimeSettings>;
  readonly authenticator?: Authenticator;
}

export function startService({ settings, authenticator }: TestServiceOptions = {}): TestService {
  const clock = new ManualClock();
  const database = openTestLog(clock);
  const log = new GatedLog(database.log);
  const broker = new TestBroker();
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const service = new WebSocketService({
    log,
    broker,
    authenticator: authenticator ?? tokenAuthenticator(clock),
    clock,
    logger,
    settings: realtimeSettings(settings),
    metrics: metrics.port,
  });
  return {
    service,
    clock,
    database,
    log,
    broker,
    logger,
    metrics,
    connect: async (userId, { position, expiresAt } = {}) => {
      const transport = new RecordingTransport();
      const prepared = await service.prepare(principalOf(userId, expiresAt), position);
      return { transport, connection: service.connect(transport, prepared) };
    },
    connectBare: (position) => {
      const transport = new RecordingTransport();
      return { transport, connection: service.connect(transport, undefined, position) };
    },
    settle: async () => {
      do await turn();
      while (clock.turn());
    },
  };
}

/** A user with the two usual channels. */
export function principalOf(userId: string, expiresAt = Date.UTC(2100, 0)): Principal {
  return { userId, channels: [userChannel(userId), BROADCAST_CHANNEL], expiresAt };
}
