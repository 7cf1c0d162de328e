/** Steps of clients: they come, speak, and go. */
import type { Principal } from '../../../src/domain/ports.ts';
import type { Prepared } from '../../../src/service/connections/opening.ts';
import type { WebSocketService } from '../../../src/service/websocket-service.ts';
import { cursorOf } from '../model/ledger.ts';
import { channelsOf } from '../world/cast.ts';
import type { Link, Peer } from '../world/peer.ts';
import type { World } from '../world/world.ts';
import { forge } from './forged.ts';
import type { ConnectStep, Saying } from './scenario.ts';

/** Questions at once, of which more than may wait. */
const MANY = 40;
const LONG = 86_400_000;
/** Notifications that a client has missed, times a number drawn at random. */
const AWAY = 9;

/** The faulty frames of one connection that may still come (P13). */
const LAST_FAULT = 10;

export class Visits {
  readonly #world: World;
  readonly #faults = new WeakMap<Link, number[]>();
  #refs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A client connects; if it was connected, it leaves first. */
  connect({ peer: place, how, from, pick, ttl }: ConnectStep): void {
    const peer = this.#peer(place);
    this.leave(place, pick % 2 === 1);
    const position = this.#position(peer, from, pick);
    const link = this.#world.link(peer);
    if (how === 'prepared' || how === 'abandoned')
      return this.#upgrade(link, peer, { position, ttl, abandons: how === 'abandoned' });
    const { service } = this.#world.node;
    link.connection = service.connect(link.socket, undefined);
    if (how === 'badToken') this.#badToken(link);
    if (how === 'frame') this.#world.arrives(() => this.#authenticate(link, peer, position, ttl));
  }

  /** The link of a client breaks; silently: nobody notices, and the client goes on elsewhere. */
  leave(place: number, silently: boolean): void {
    const peer = this.#peer(place);
    const { link } = peer;
    if (!link) return;
    if (!silently) return this.#world.ends(link, 1006);
    link.peer = undefined;
    peer.link = undefined;
  }

  /** A connected client sends something. */
  say(place: number, saying: Saying): void {
    const peer = this.#peer(place);
    const { link } = peer;
    const connection = link?.connection;
    if (!link || !connection || !link.witness.open || link.witness.closed) return;
    const { service } = this.#world.node;
    if (saying === 'ping') this.#ask(link);
    else if (saying === 'pings') for (let asked = 0; asked < MANY; asked++) this.#ask(link);
    else if (saying === 'wsPing') this.#ping(link);
    else if (saying === 'renew') this.#renew(link, peer);
    else if (saying === 'nonsense') this.#nonsense(link);
    else if (saying === 'badToken') this.#badToken(link);
    else if (saying === 'otherUser') this.#otherUser(link, peer);
    else {
      link.witness.demanded = 'protocol_error';
      if (saying === 'binary') service.onBinary(connection);
      else service.onText(connection, 'hello');
    }
  }

  /** All connections of a client's user are ended. */
  dismiss(place: number): void {
    const { userId } = this.#peer(place);
    for (const { witness } of this.#world.links)
      if (witness.open && witness.principal?.userId === userId) witness.demanded ??= 'forbidden';
    this.#world.node.service.disconnect(userId, 'forbidden');
  }

  #peer(place: number): Peer {
    const peer = this.#world.peers[place];
    if (!peer) throw new Error(`There is no client ${place}.`);
    return peer;
  }

  #position(peer: Peer, from: ConnectStep['from'], pick: number): string | undefined {
    if (from === 'own') return peer.position;
    if (from === 'older') return peer.pastPosition(pick);
    if (from === 'past') return this.#past(peer, pick);
    if (from === 'foreign') return this.#peer(pick % this.#world.peers.length).position;
    return from === 'forged' ? forge(peer.position, pick) : undefined;
  }

  /** A position as far back as a client may have been away. */
  #past({ userId }: Peer, pick: number): string | undefined {
    const { ledger } = this.#world;
    const cursors = channelsOf(userId).flatMap((channel) => {
      const row = ledger.row(channel, ledger.head(channel) - ((pick * AWAY) % (ledger.head(channel) + 1)));
      return row ? [cursorOf(row)] : [];
    });
    return cursors.length === 0 ? undefined : cursors.join('~');
  }

  /** As the upgrade handler does it: the client enters, and its connection is completed or abandoned. */
  #upgrade(link: Link, peer: Peer, request: { position: string | undefined; ttl: number; abandons: boolean }): void {
    const { node } = this.#world;
    const { token, principal } = this.#world.tokens.issue(peer.userId, request.ttl);
    const { addressKey } = link.socket;
    link.witness.begin(principal, request.position);
    const enter = async (): Promise<void> => {
      const prepared = await node.service.enter({ token, position: request.position, addressKey });
      if (node !== this.#world.node || !prepared) return;
      if (request.abandons || link.gone || link.peer === undefined || !hasRoom(node.service, prepared)) {
        node.service.abandon(prepared);
        this.#world.forget(link);
      } else link.connection = node.service.connect(link.socket, prepared);
    };
    enter().catch(() => this.#world.forget(link));
  }

  #authenticate(link: Link, peer: Peer, position: string | undefined, ttl: number): void {
    if (link.gone || link.witness.closed || !link.connection) return;
    const { token, principal } = this.#world.tokens.issue(peer.userId, ttl);
    const ref = this.#ref();
    link.witness.begin(principal, position, ref);
    const frame = { type: 'authenticate', token, ref, ...(position !== undefined && { cursor: position }) };
    this.#world.node.service.onText(link.connection, JSON.stringify(frame));
  }

  #ask(link: Link): void {
    const ref = this.#ref();
    this.#send(link, { type: 'ping', ref }, () => link.witness.owed.push({ type: 'pong', ref }));
  }

  #ping(link: Link): void {
    const payload = this.#ref();
    link.witness.pingedWith = payload;
    if (link.connection) this.#world.node.service.onPing(link.connection, Buffer.from(payload));
  }

  /** P19: a new token of the same user. */
  #renew(link: Link, peer: Peer): void {
    const { witness } = link;
    const { token, principal } = this.#world.tokens.issue(peer.userId, LONG);
    const ref = this.#ref();
    this.#send(link, { type: 'authenticate', token, ref }, () => this.#renewed(witness, principal, ref));
  }

  #renewed(witness: Link['witness'], principal: Principal, ref: string): void {
    witness.owed.push({ type: 'authenticated', ref, expiresAt: principal.expiresAt });
    witness.principal = principal;
    witness.expiryTold = false;
  }

  #badToken(link: Link): void {
    this.#send(link, { type: 'authenticate', token: 'stolen' }, () => {
      link.witness.demanded ??= 'unauthenticated';
    });
  }

  #otherUser(link: Link, peer: Peer): void {
    const { token } = this.#world.tokens.issue(peer.userId === 'ann' ? 'bob' : 'ann', LONG);
    this.#send(link, { type: 'authenticate', token }, () => {
      link.witness.demanded ??= 'forbidden';
    });
  }

  /** P13: a frame that is no message; the tenth within a minute ends the connection. */
  #nonsense(link: Link): void {
    const now = this.#world.clock.elapsed;
    const faults = [...(this.#faults.get(link) ?? []), now].slice(-LAST_FAULT);
    this.#faults.set(link, faults);
    const ref = this.#ref();
    this.#send(link, { type: 'sing', ref }, () => link.witness.owed.push({ type: 'error', ref }));
    if (faults.length === LAST_FAULT && now - (faults[0] ?? now) < 60_000) link.witness.allowed.add('protocol_error');
  }

  #send(link: Link, frame: object, expect: () => void): void {
    if (!link.connection || link.witness.closed) return;
    expect();
    this.#world.node.service.onText(link.connection, JSON.stringify(frame));
  }

  #ref(): string {
    this.#refs++;
    return `ref-${this.#refs}`;
  }
}

/** What the upgrade handler asks right before it completes. */
function hasRoom(service: WebSocketService, prepared: Prepared): boolean {
  try {
    service.checkRoom('simulated', prepared);
    return true;
  } catch {
    return false;
  }
}
