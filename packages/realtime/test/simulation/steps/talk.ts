/** What connected clients say. */
import type { Principal } from '../../../src/domain/ports.ts';
import type { Link, Peer } from '../world/peer.ts';
import type { World } from '../world/world.ts';
import type { Saying } from './scenario.ts';

/** Questions at once, of which more than may wait. */
const MANY = 40;
const LONG = 86_400_000;
const BRIEF = 3_000;
/** The faulty frames of one connection that may still come (P13). */
const LAST_FAULT = 10;

export class Talk {
  readonly #world: World;
  readonly #faults = new WeakMap<Link, number[]>();
  #refs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A connected client sends something. */
  say(peer: Peer, saying: Saying): void {
    const { link } = peer;
    const connection = link?.connection;
    if (!link || !connection || !link.witness.open || link.witness.closed) return;
    const { service } = this.#world.node;
    const sayings: Readonly<Record<Saying, () => void>> = {
      ping: () => this.#ask(link, 1),
      pings: () => this.#ask(link, MANY),
      wsPing: () => this.#ping(link),
      wsPong: () => service.onPong(connection, Buffer.from('unasked')),
      renew: () => this.#renew(link, peer, LONG),
      renewBriefly: () => this.#renew(link, peer, BRIEF),
      nonsense: () => this.#nonsense(link),
      badToken: () => this.badToken(link),
      otherUser: () => this.#otherUser(link, peer),
      noJson: () => this.#breaksRules(link, () => service.onText(connection, 'hello')),
      binary: () => this.#breaksRules(link, () => service.onBinary(connection)),
    };
    sayings[saying]();
  }

  /** A client gives a token that nobody has issued. */
  badToken(link: Link): void {
    this.#send(link, { type: 'authenticate', token: 'stolen' }, () => {
      link.witness.demanded ??= 'unauthenticated';
    });
  }

  /** A text by which the client knows an answer again. */
  ref(): string {
    this.#refs++;
    return `ref-${this.#refs}`;
  }

  #ask(link: Link, times: number): void {
    for (let asked = 0; asked < times; asked++) {
      const ref = this.ref();
      this.#send(link, { type: 'ping', ref }, () => link.witness.owed.push({ type: 'pong', ref }));
    }
  }

  #ping(link: Link): void {
    const payload = this.ref();
    link.witness.pingedWith = payload;
    if (link.connection) this.#world.node.service.onPing(link.connection, Buffer.from(payload));
  }

  /** P19: a new token of the same user. */
  #renew(link: Link, peer: Peer, ttl: number): void {
    const { witness } = link;
    const ref = this.ref();
    const onVerified = (principal: Principal) => {
      if (witness.closed) return;
      witness.principal = principal;
      witness.expiryTold = false;
    };
    const { token, principal } = this.#world.tokens.issue(peer.userId, ttl, onVerified);
    const { expiresAt } = principal;
    this.#send(link, { type: 'authenticate', token, ref }, () => witness.owed.push({ type: 'authenticated', ref, expiresAt }));
  }

  #otherUser(link: Link, peer: Peer): void {
    const { token, principal } = this.#world.tokens.issue(peer.userId === 'ann' ? 'bob' : 'ann', LONG);
    this.#send(link, { type: 'authenticate', token }, () => {
      link.witness.stranger = principal;
      link.witness.demanded ??= 'forbidden';
    });
  }

  /** P13: a frame that is no message; the tenth within a minute ends the connection. */
  #nonsense(link: Link): void {
    const now = this.#world.clock.elapsed;
    const faults = [...(this.#faults.get(link) ?? []), now].slice(-LAST_FAULT);
    this.#faults.set(link, faults);
    const ref = this.ref();
    this.#send(link, { type: 'sing', ref }, () => link.witness.owed.push({ type: 'error', ref }));
    if (faults.length === LAST_FAULT && now - (faults[0] ?? now) < 60_000) link.witness.allowed.add('protocol_error');
  }

  #breaksRules(link: Link, send: () => void): void {
    link.witness.demanded = 'protocol_error';
    send();
  }

  #send(link: Link, frame: object, expect: () => void): void {
    if (!link.connection || link.witness.closed) return;
    expect();
    this.#world.node.service.onText(link.connection, JSON.stringify(frame));
  }
}
