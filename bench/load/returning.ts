/** Clients that come back whenever their connection ends, from where they were: what a server's restart does to them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectOrder } from './clients.ts';
import { Follower } from './follower.ts';
import { Samples } from './samples.ts';
import type { SocketClient } from './socket-client.ts';

export interface ReturnOrder extends Pick<ConnectOrder, 'port' | 'count' | 'users' | 'addresses'> {
  /** `none`: tries again every 50 ms; `full-jitter`: as the protocol's rule C1 has it. */
  readonly backoff: 'none' | 'full-jitter';
}

export interface ReturnReport {
  /** Milliseconds from the accepted TCP connect to `live`, of each return. */
  readonly liveAfterMs: Float64Array;
  /** Milliseconds from the cut to `live`. */
  readonly awayMs: Float64Array;
  /** Milliseconds from the first accepted TCP connect to the last `live`. */
  readonly tookMs: number;
  /** How far each client got in its user's channel; client 0 is user 0's, and so on in turn. */
  readonly seqs: Float64Array;
  readonly users: number;
  /** Notifications that were missing or came twice. */
  readonly faults: number;
  /** Clients that were not live in the end. */
  readonly away: number;
}

const OPEN_AT_ONCE = 32;
const AGAIN_MS = 50;
const FIRST_MS = 500;
const MOST_MS = 30_000;
const LOOK_EVERY_MS = 20;
/** The channel that is a user's own. */
const CHANNEL = 'user';

export class Returning {
  #followers: readonly Follower[] = [];
  #users = 1;
  #full = false;
  #live = 0;
  #connectedAt = Number.POSITIVE_INFINITY;
  #lastLive = 0;
  readonly #liveAfterMs = new Samples();
  readonly #awayMs = new Samples();

  /** Resolves when all are live for the first time. */
  async open({ port, count, users, addresses, backoff }: ReturnOrder): Promise<void> {
    this.#users = users.length;
    this.#full = backoff === 'full-jitter';
    this.#followers = Array.from({ length: count }, (_, index) => {
      const localAddress = addresses[index % addresses.length] ?? '127.0.0.1';
      return new Follower({ port, localAddress, token: users[index % users.length]?.token ?? '' });
    });
    const queue = this.#followers.values();
    const opener = async (): Promise<void> => {
      for (const follower of queue) this.#stay(follower, await follower.connect());
    };
    await Promise.all(Array.from({ length: OPEN_AT_ONCE }, opener));
    if (this.#live < count) throw new Error(`Only ${this.#live} of ${count} connections could be opened.`);
  }

  /** What became of the returns, once all are back and equally far, or the time is up. */
  async report(withinMs: number): Promise<ReturnReport> {
    const deadline = performance.now() + withinMs;
    while (!this.#settled() && performance.now() < deadline) await pause(LOOK_EVERY_MS);
    return {
      liveAfterMs: this.#liveAfterMs.take(),
      awayMs: this.#awayMs.take(),
      tookMs: this.#lastLive - this.#connectedAt,
      seqs: Float64Array.from(this.#followers, (follower) => follower.seq(CHANNEL)),
      users: this.#users,
      faults: this.#followers.reduce((sum, { faults }) => sum + faults, 0),
      away: this.#followers.length - this.#live,
    };
  }

  #settled(): boolean {
    if (this.#live < this.#followers.length) return false;
    return this.#followers.every(
      (follower, index) => follower.seq(CHANNEL) === this.#followers[index % this.#users]?.seq(CHANNEL),
    );
  }

  /** Brings the client back when its connection ends. */
  #stay(follower: Follower, socket: SocketClient | undefined): void {
    if (!socket) return;
    this.#live++;
    void socket.ended.then((endedAt) => {
      this.#live--;
      return this.#comeBack(follower, endedAt);
    });
  }

  async #comeBack(follower: Follower, endedAt: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await pause(this.#delay(attempt));
      const socket = await follower.connect();
      if (!socket) continue;
      const time = performance.now();
      this.#liveAfterMs.add(socket.liveAfterMs);
      this.#awayMs.add(time - endedAt);
      this.#connectedAt = Math.min(this.#connectedAt, time - socket.liveAfterMs);
      this.#lastLive = time;
      this.#stay(follower, socket);
      return;
    }
  }

  #delay(attempt: number): number {
    if (!this.#full) return attempt === 0 ? 0 : AGAIN_MS;
    return Math.random() * (attempt === 0 ? FIRST_MS : Math.min(MOST_MS, FIRST_MS * 2 ** attempt));
  }
}
