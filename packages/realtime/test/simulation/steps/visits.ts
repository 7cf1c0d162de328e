/** Steps of clients: they come, speak, and go. */

import { channelName } from '../../../src/domain/channel.ts';
import type { Prepared } from '../../../src/service/connections/opening.ts';
import type { WebSocketService } from '../../../src/service/websocket-service.ts';
import { cursorOf } from '../model/ledger.ts';
import { readPosition } from '../model/resume.ts';
import { channelsOf } from '../world/cast.ts';
import type { Link, Peer } from '../world/peer.ts';
import type { World } from '../world/world.ts';
import { forge } from './forged.ts';
import type { ConnectStep, Saying } from './scenario.ts';
import { Talk } from './talk.ts';

/** Notifications that a client has missed, times a number drawn at random. */
const AWAY = 9;

export class Visits {
  readonly #world: World;
  readonly #talk: Talk;

  constructor(world: World) {
    this.#world = world;
    this.#talk = new Talk(world);
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
    // P7: what the frame names wins over the URL; a frame that names nothing leaves it to the URL.
    const urlDecides = how === 'url' || position === undefined;
    link.connection = service.connect(link.socket, undefined, urlDecides ? position : this.#position(peer, 'forged', pick));
    if (how === 'badToken') this.#talk.badToken(link);
    if (how === 'frame' || how === 'url')
      this.#world.arrives(() => this.#authenticate(link, peer, { position, ttl, urlDecides }));
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
    this.#talk.say(this.#peer(place), saying);
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
    if (from === 'fetched') return peer.fetched;
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

  #authenticate(link: Link, peer: Peer, request: { position: string | undefined; ttl: number; urlDecides: boolean }): void {
    const { position, ttl, urlDecides } = request;
    if (link.gone || link.witness.closed || !link.connection) return;
    const { token, principal } = this.#world.tokens.issue(peer.userId, ttl);
    const ref = this.#talk.ref();
    link.witness.begin(principal, position, ref);
    const frame = { type: 'authenticate', token, ref, ...(position !== undefined && !urlDecides && { cursor: position }) };
    this.#world.node.service.onText(link.connection, JSON.stringify(frame));
  }

  /** P11: where a client that fetches over REST now would later connect from. */
  fetch(place: number): void {
    const { world, peer } = { world: this.#world, peer: this.#peer(place) };
    const { ledger, verdict, node } = world;
    const channels = channelsOf(peer.userId);
    const before = channels.map((channel) => ledger.head(channel));
    const told = (text: string) => {
      // A process that is gone answers nobody.
      if (node !== world.node) return;
      peer.fetched = text;
      const parts = readPosition(text) ?? [];
      const isRight = channels.every((channel, index) => {
        const { name, seq, tag } = parts[index] ?? { name: '', seq: 0, tag: '' };
        if (seq === 0) ledger.seeFirstTag(channel, tag);
        const inTime = (before[index] ?? 0) <= seq && seq <= ledger.head(channel);
        return name === channelName(channel) && inTime && tag === ledger.tag(channel, seq);
      });
      verdict.expect(
        isRight,
        'P11',
        () => `${text} was told, from heads ${before} to ${channels.map((key) => ledger.head(key))}`,
      );
    };
    // Where the log cannot be read, REST answers with an error.
    node.service.position(channels).then(told, () => undefined);
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
