import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS, SUBPROTOCOL } from '@friday/protocol';
import { WebSocketServer } from 'ws';
import { RealtimeError } from '../domain/errors.ts';
import type { RealtimeMetrics } from '../domain/metrics.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { type Address, WebSocketConnection } from '../infrastructure/websocket-connection.ts';
import type { Connection } from '../service/connections/connection.ts';
import type { Prepared } from '../service/connections/opening.ts';
import type { WebSocketService } from '../service/websocket-service.ts';
import { addressKey, clientAddress } from './address.ts';
import { Arrivals } from './arrivals.ts';
import { readHandshake } from './handshake.ts';
import type { OriginPolicy } from './origin.ts';
import { type HttpAnswer, refusal, refuse } from './refusal.ts';
import { RefusalLog } from './refusal-log.ts';
import { asksForUpgrade, checkUpgrade, OwedAnswers } from './upgrade-request.ts';

const SERVER_OPTIONS = {
  noServer: true,
  WebSocket: WebSocketConnection<Connection>,
  clientTracking: false,
  autoPong: false,
  perMessageDeflate: false,
  maxPayload: LIMITS.clientFrameBytes,
  /** Fragments of a message, and pieces in which a frame may arrive: small ones would cost far more memory than they hold bytes. */
  maxFragments: 128,
  maxBufferedChunks: 128,
  /** Milliseconds that a peer has to answer a close frame. */
  closeTimeout: 5_000,
  handleProtocols: () => SUBPROTOCOL,
} as const;

export interface UpgradeHandlerDeps {
  readonly service: WebSocketService;
  readonly origins: OriginPolicy;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'every'>;
  readonly metrics: Pick<RealtimeMetrics, 'handshake'>;
  /** Proxies in front, whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: number;
}

interface Start {
  readonly prepared: Prepared | undefined;
  readonly position: string | undefined;
  readonly address: Address;
  /** Monotonic milliseconds at which the upgrade was asked for. */
  readonly since: number;
}

/** Turns HTTP upgrades at `/v1/ws` into connections, or refuses them in plain HTTP (P1 to P5). */
export class UpgradeHandler {
  readonly #deps: UpgradeHandlerDeps;
  readonly #server = new WebSocketServer(SERVER_OPTIONS);
  readonly #owed = new OwedAnswers();
  readonly #refusals: RefusalLog;

  constructor(deps: UpgradeHandlerDeps) {
    this.#deps = deps;
    this.#refusals = new RefusalLog(deps);
    this.#server.on('wsClientError', (error, socket, request) =>
      this.#refuse(socket, new RealtimeError('bad_handshake', error.message), {
        address: this.#address(request),
        since: performance.now(),
      }),
    );
  }

  /**
   * Takes over the upgrades of a server. Requests for other paths or protocols stay ordinary requests, where Node can do so; and so do
   * those that were sent before an earlier one of their connection was answered, for Node would let the upgrade overtake that answer.
   */
  attach(server: Server): void {
    this.#owed.watch(server);
    const arrivals = new Arrivals(server);
    const shouldUpgradeCallback = (request: IncomingMessage) => asksForUpgrade(request) && !this.#owed.isBehind(request);
    Object.assign(server, { shouldUpgradeCallback });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      arrivals.heard(socket);
      this.#upgrade(request, socket, head).catch((error: unknown) => {
        this.#deps.logger.error({ err: error }, 'connection failed to open');
        socket.destroy();
      });
    });
  }

  /** What a plain `GET` gets (P4): the refusal that an upgrade would get now, else 426. */
  async answer(request: IncomingMessage): Promise<HttpAnswer> {
    try {
      const handshake = readHandshake(request, this.#deps.origins);
      await this.#deps.service.check({ ...handshake, addressKey: this.#address(request).key });
      return refusal(new RealtimeError('upgrade_required'));
    } catch (error) {
      return refusal(this.#asFault(error));
    }
  }

  /** Answers a plain request for hosts that have no framework. */
  async handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.answer(request);
    response.writeHead(status, headers).end(body);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', ignore);
    if (this.#owed.isBehind(request)) {
      socket.destroy();
      return;
    }
    this.#owed.forget(request);
    const { service, origins } = this.#deps;
    const since = performance.now();
    const address = this.#address(request);
    let prepared: Prepared | undefined;
    let position: string | undefined;
    try {
      checkUpgrade(request);
      const handshake = readHandshake(request, origins);
      position = handshake.position;
      prepared = await service.enter({ ...handshake, addressKey: address.key });
      service.checkRoom(address.key, prepared);
    } catch (error) {
      if (prepared) service.abandon(prepared);
      this.#refuse(socket, this.#asFault(error), { address, since });
      return;
    }
    this.#complete(request, socket, head, { prepared, position, address, since });
  }

  #refuse(socket: Duplex, fault: RealtimeError, { address: { address }, since }: Pick<Start, 'address' | 'since'>): void {
    this.#refusals.refused(address, fault.code);
    this.#deps.metrics.handshake(fault.code, performance.now() - since);
    refuse(socket, refusal(fault));
  }

  /** The upgrade answer, `connected` and what else is ready leave in one write. */
  #complete(request: IncomingMessage, socket: Duplex, head: Buffer, { prepared, position, address, since }: Start): void {
    const { service } = this.#deps;
    let taken = false;
    socket.cork();
    this.#server.handleUpgrade(request, socket, head, (connection: WebSocketConnection<Connection>) => {
      taken = true;
      connection.bind(socket, address, service);
      connection.identify(service.connect(connection, prepared, position));
    });
    socket.uncork();
    if (taken) this.#deps.metrics.handshake('accepted', performance.now() - since);
    socket.off('error', ignore);
    if (!taken && prepared) service.abandon(prepared);
  }

  #address({ headers, socket }: IncomingMessage): Address {
    const forwarded = headers['x-forwarded-for'];
    const address = clientAddress(socket.remoteAddress ?? '', [forwarded].flat().join(','), this.#deps.trustedProxies);
    return { address, key: addressKey(address) };
  }

  #asFault(error: unknown): RealtimeError {
    if (error instanceof RealtimeError) return error;
    this.#deps.logger.error({ err: error }, 'upgrade failed');
    return new RealtimeError('server_error');
  }
}

/** A peer that goes away in the middle of its handshake is no fault of ours; the socket closes by itself. */
const ignore = (): void => undefined;
