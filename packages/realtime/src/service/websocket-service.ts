import { type AuthenticateMessage, formatPosition, type ProtocolErrorCode } from '@friday/protocol';
import { BROADCAST_CHANNEL, channelName, isChannelKey, userChannel } from '../domain/channel.ts';
import { RealtimeError } from '../domain/errors.ts';
import { typeOf, type WebSocketMessage } from '../domain/message.ts';
import { NO_METRICS, type RealtimeMetrics, type RealtimeStats } from '../domain/metrics.ts';
import type {
  Authenticator,
  Broker,
  ChangeLog,
  Clock,
  LogEntry,
  Logger,
  Principal,
  Transaction,
  WakeUp,
  WebSocketManager,
} from '../domain/ports.ts';
import type { RealtimeSettings } from '../domain/settings.ts';
import type { Transport, TransportEvents } from '../domain/transport.ts';
import { Admission, type Caller } from './admission/admission.ts';
import { perMinute } from './admission/token-bucket.ts';
import { ChannelHub } from './channel-hub.ts';
import { ClientFrames } from './connections/client-frames.ts';
import { Closing } from './connections/closing.ts';
import { type Channel, Connection } from './connections/connection.ts';
import { drain, terminateLate } from './connections/drain.ts';
import { Opening, type Prepared } from './connections/opening.ts';
import { ConnectionRegistry } from './connections/registry.ts';
import { everySweep, Sweep } from './connections/sweep.ts';
import { FrameCache } from './delivery/frame-cache.ts';
import { FrameLoader } from './delivery/frame-loader.ts';
import { Pump } from './delivery/pump.ts';
import { Revocations, revocationNotice } from './revocations.ts';
import { statsOf } from './stats.ts';

export interface WebSocketServiceDeps {
  readonly log: ChangeLog;
  readonly broker: Broker;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: RealtimeSettings;
  /** Default: no figures are kept. */
  readonly metrics?: RealtimeMetrics;
}

/**
 * The notification service of one node: services announce through it ({@link WebSocketManager}), committed rows come in by
 * {@link committed}, connections by {@link connect}, and the pump moves each connection's cursors along the log.
 */
export class WebSocketService implements WebSocketManager, TransportEvents<Connection> {
  readonly #deps: Required<WebSocketServiceDeps>;
  readonly #registry: ConnectionRegistry;
  readonly #cache: FrameCache;
  readonly #hub: ChannelHub;
  readonly #loader: FrameLoader;
  readonly #pump: Pump;
  readonly #opening: Opening;
  readonly #closing: Closing;
  readonly #revocations: Revocations;
  readonly #admission: Admission;
  readonly #frames: ClientFrames;
  readonly #stops: ReadonlyArray<() => void>;
  #closed: Promise<void> | undefined;

  constructor(deps: WebSocketServiceDeps) {
    const { log, broker, authenticator, clock, logger, settings, metrics = NO_METRICS } = deps;
    this.#deps = { ...deps, metrics };
    this.#registry = new ConnectionRegistry(settings);
    this.#cache = new FrameCache(settings.frameCacheBytes);
    this.#hub = new ChannelHub({ log, clock, logger, metrics, onAdvance: (channel) => this.#advanced(channel) });
    this.#closing = new Closing({ clock, logger, metrics, hub: this.#hub, registry: this.#registry });
    const deadlineMs = settings.admissionSeconds * 1000;
    this.#loader = new FrameLoader({ log, cache: this.#cache, clock, metrics, deadlineMs });
    this.#pump = new Pump({
      cache: this.#cache,
      loader: this.#loader,
      clock,
      logger,
      metrics,
      onRefused: (connection, why) => this.#closing.refuse(connection, why),
      onWrongHead: (channel) => void this.#hub.correct(channel),
    });
    this.#opening = new Opening({ log, clock, logger, metrics, settings, hub: this.#hub, registry: this.#registry });
    this.#revocations = this.#followRevocations();
    const parts = { opening: this.#opening, revocations: this.#revocations, registry: this.#registry };
    this.#admission = new Admission({ authenticator, clock, settings, ...parts });
    this.#frames = new ClientFrames({
      verify: (token) => this.#admission.verify(token),
      clock,
      metrics,
      rate: perMinute(settings.framesPerConnectionPerMinute),
      open: (connection, principal, message) => this.#openLate(connection, principal, message),
      deliver: (connection) => this.#pump.deliver(connection),
      wake: (connection) => this.#pump.wake(connection),
      fail: (connection, fault) => this.#closing.fail(connection, fault),
    });
    this.#stops = this.#startTimers();
    broker.subscribe({
      onWakeUp: (wakeUps) => this.#wake(wakeUps),
      onRestored: () => this.#hub.requestFullPass(),
    });
  }

  /** @throws RealtimeError `message_invalid` when nobody can have that id: white space, a colon, more than 128 characters. */
  notify(tx: Transaction, userId: string, message: WebSocketMessage): void {
    const channel = userChannel(userId);
    if (!isChannelKey(channel))
      throw new RealtimeError('message_invalid', 'The id of the notified user cannot be part of a channel key.');
    tx.notifications.push({ channel, message });
  }

  broadcast(tx: Transaction, message: WebSocketMessage): void {
    tx.notifications.push({ channel: BROADCAST_CHANNEL, message });
  }

  revoke(tx: Transaction, userId: string, generation: number): void {
    tx.notifications.push(revocationNotice(userId, generation));
  }

  /** Takes rows that have just been committed on this node: caches them for those who follow, and wakes every node. */
  committed(entries: readonly LogEntry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (this.#hub.follows(entry.channel)) this.#cache.append(entry);
      this.#deps.metrics.announced(typeOf(entry.json));
    }
    this.#wake(entries);
    this.#pump.hasten();
    this.#deps.broker.publish(entries.map(({ channel, seq }) => ({ channel, seq })));
  }

  /** How it stands, and what it has counted: takes a look at every connection. */
  stats(): RealtimeStats {
    return statsOf({
      registry: this.#registry,
      cache: this.#cache,
      loader: this.#loader,
      hub: this.#hub,
      pump: this.#pump,
      admission: this.#admission,
      frames: this.#frames,
    });
  }

  /** The newest position in these channels (P11), as text: taken before data is read, it leaves no gap. */
  async position(channels: readonly string[]): Promise<string> {
    const heads = await this.#deps.log.heads(channels);
    return formatPosition(heads.map(({ channel, seq, tag }) => ({ channel: channelName(channel), seq, tag })));
  }

  /**
   * What an upgrade would be told now (P4).
   * @returns who it is, or undefined without a token.
   * @throws RealtimeError why the caller may not connect.
   */
  check(caller: Caller): Promise<Principal | undefined> {
    return this.#admission.check(caller);
  }

  /**
   * Verifies a caller and finds where it starts, in its turn.
   * @returns what must go to {@link connect} or {@link abandon}; undefined when the first frame will bring the token.
   * @throws RealtimeError why the caller may not connect.
   */
  enter(caller: Caller): Promise<Prepared | undefined> {
    return this.#admission.enter(caller);
  }

  /**
   * Checks whether one more connection may come now: to be asked right before {@link connect}.
   * @throws RealtimeError why not.
   */
  checkRoom(addressKey: string, prepared: Prepared | undefined): void {
    this.#admission.checkRoom(addressKey, prepared?.principal);
  }

  /** Finds where somebody starts who has been verified by other means. As with {@link enter}. */
  prepare(principal: Principal, position: string | undefined): Promise<Prepared> {
    return this.#opening.prepare(principal, position);
  }

  abandon(prepared: Prepared): void {
    this.#opening.abandon(prepared);
  }

  /**
   * Takes a connection in; a prepared one has `connected`, and what else is ready, in its first write.
   * @param position from the URL, for a connection whose first frame brings none (P7).
   * @returns the peer to name in {@link TransportEvents}.
   */
  connect(transport: Transport, prepared: Prepared | undefined, position?: string): Connection {
    const { clock, settings } = this.#deps;
    const connection = new Connection(transport, settings.windowBytes, clock.monotonic());
    connection.givenPosition = position;
    this.#registry.add(connection);
    if (!prepared) return connection;
    try {
      this.#opening.open(connection, prepared);
      this.#pump.deliver(connection);
    } catch (error) {
      // Its transport knows no peer yet: nobody would ever tell that it has closed.
      this.#closing.release(connection);
      this.#registry.remove(connection);
      throw error;
    }
    return connection;
  }

  /** Closes all connections of a user. @returns how many. */
  disconnect(userId: string, code: ProtocolErrorCode): number {
    const connections = this.#registry.ofUser(userId);
    for (const connection of connections) this.#closing.fail(connection, new RealtimeError(code));
    return connections.length;
  }

  /**
   * Looks at the log for what others have committed: at once, instead of at the next reconcile pass. For hosts that learn of such commits
   * in their own way.
   */
  reconcile(): Promise<void> {
    return this.#hub.reconcile();
  }

  /**
   * Refuses new connections and asks all to go, spread over the drain window (P21).
   * @returns once the last has been asked; {@link close} does the rest.
   */
  drain(): Promise<void> {
    const { clock, settings } = this.#deps;
    this.#admission.close();
    const windowMs = this.#registry.all.size === 0 ? 0 : settings.drainSeconds * 1000;
    const close = (connection: Connection) => this.#closing.fail(connection, new RealtimeError('server_draining'));
    return drain([...this.#registry.all], windowMs, clock, close);
  }

  /**
   * Refuses new connections, closes all with 4200, and resolves when their sockets are gone.
   * @param graceMs after which the sockets of peers that do not answer the close are ended at once.
   */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#closeAll(graceMs);
    return this.#closed;
  }

  onText(connection: Connection, text: string): void {
    if (this.#frames.count(connection))
      this.#frames.receive(connection, text).catch((error: unknown) => this.#failed(connection, error));
  }

  onBinary(connection: Connection): void {
    this.#closing.fail(connection, new RealtimeError('protocol_error', 'Frames are text.'));
  }

  onPing(connection: Connection, payload: Uint8Array): void {
    if (!this.#frames.count(connection)) return;
    connection.pingPayload = Buffer.from(payload);
    if (connection.phase !== 'ended') this.#pump.wake(connection);
  }

  /** A pong that answers no ping is allowed (RFC 6455, section 5.5.3), and counted as any frame. */
  onPong(connection: Connection, payload: Uint8Array): void {
    if (!connection.window.pong(payload)) this.#frames.count(connection);
    else if (connection.behind) this.#pump.wake(connection);
  }

  /** The peer reads, however slowly: the time in which it must take what was written begins anew. */
  onDrain(connection: Connection): void {
    connection.blockedSince = undefined;
    this.#pump.wake(connection);
  }

  onClose(connection: Connection, code: number): void {
    this.#closing.end(connection, code);
  }

  async #closeAll(graceMs: number): Promise<void> {
    const { clock } = this.#deps;
    this.#admission.close();
    for (const stop of this.#stops) stop();
    this.#closing.failAll('server_draining');
    await terminateLate(this.#registry, clock, graceMs);
  }

  async #openLate(connection: Connection, principal: Principal, { cursor, ref }: AuthenticateMessage): Promise<void> {
    const prepared = await this.#opening.prepare(principal, cursor ?? connection.givenPosition);
    connection.givenPosition = undefined;
    if (connection.phase === 'ended') return this.#opening.abandon(prepared);
    try {
      this.#registry.checkUser(principal.userId);
      this.#admission.checkRevocation(principal);
    } catch (fault) {
      this.#opening.abandon(prepared);
      throw fault;
    }
    this.#opening.open(connection, prepared, ref);
    this.#pump.deliver(connection);
  }

  #failed(connection: Connection, error: unknown): void {
    const known = error instanceof RealtimeError;
    if (!known) this.#deps.logger.error({ err: error, connection_id: connection.id }, 'connection failed');
    this.#closing.fail(connection, known ? error : new RealtimeError('server_error'));
  }

  #wake(wakeUps: readonly WakeUp[]): void {
    for (const wakeUp of wakeUps) this.#hub.wake(wakeUp);
  }

  /** Revocations are the layer's own business; all other channels are the pump's. */
  #advanced(channel: Channel): void {
    if (this.#revocations.follows(channel)) void this.#revocations.advance();
    else this.#pump.wake(channel);
  }

  #followRevocations(): Revocations {
    const { log, clock, logger } = this.#deps;
    return new Revocations({
      log,
      clock,
      logger,
      hub: this.#hub,
      onRevoked: (userId, generation) => this.#closing.revoke(userId, generation),
      onGap: () => this.#closing.failAll('server_error'),
    });
  }

  #startTimers(): Array<() => void> {
    const { clock, settings } = this.#deps;
    const close = (connection: Connection, code: ProtocolErrorCode) => this.#closing.fail(connection, new RealtimeError(code));
    const sweep = new Sweep({ clock, settings, registry: this.#registry, pump: this.#pump, close });
    const sweepAll = () => {
      sweep.run();
      this.#admission.sweep();
      this.#revocations.sweep();
    };
    return [everySweep(clock, sweepAll), clock.every(settings.reconcileSeconds * 1000, () => void this.#hub.reconcile())];
  }
}
