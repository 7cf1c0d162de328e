/** Clients on a bad network: each is cut now and then, is away for a while, and comes back from where it was. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectOrder } from './clients.ts';
import { Follower } from './follower.ts';
import { Samples } from './samples.ts';

export type FollowOrder = Pick<ConnectOrder, 'port' | 'count' | 'users' | 'addresses'>;

export interface JitterOrder {
  readonly forMs: number;
  /** Each is cut once in so many milliseconds, at a moment of its own, and stays away for `awayMs`. */
  readonly everyMs: number;
  readonly awayMs: number;
}

export interface ReachOrder {
  /** The channel that counts, and the number that it is to reach. */
  readonly channel: string;
  readonly upTo: number;
  readonly withinMs: number;
}

export interface ReachReport {
  /** Notifications that did not arrive. */
  readonly missing: number;
  /** Notifications that came twice or out of order. */
  readonly faults: number;
}

export interface JitterReport {
  readonly cuts: number;
  /** Milliseconds from the call that reconnects to `live`: all that was missed has come by then (P7). */
  readonly replayMs: Float64Array;
  readonly failedReconnects: number;
}

const OPEN_AT_ONCE = 32;
const LOOK_EVERY_MS = 20;
const AGAIN_MS = 50;

export class Jitter {
  #followers: readonly Follower[] = [];
  readonly #replayMs = new Samples();
  #cuts = 0;
  #failedReconnects = 0;

  /** Resolves when all are live. */
  async follow({ port, count, users, addresses }: FollowOrder): Promise<void> {
    this.#followers = Array.from({ length: count }, (_, index) => {
      const localAddress = addresses[index % addresses.length] ?? '127.0.0.1';
      return new Follower({ port, localAddress, token: users[index % users.length]?.token ?? '' });
    });
    const queue = this.#followers.values();
    const opener = async (): Promise<void> => {
      for (const follower of queue) if (!(await follower.connect())) throw new Error('A connection could not be opened.');
    };
    await Promise.all(Array.from({ length: OPEN_AT_ONCE }, opener));
  }

  /** Cuts and reconnects until the time is up and all are back. */
  async suffer({ forMs, everyMs, awayMs }: JitterOrder): Promise<JitterReport> {
    const end = performance.now() + forMs;
    const suffer = async (follower: Follower): Promise<void> => {
      await pause(Math.random() * everyMs);
      while (performance.now() < end) {
        const start = performance.now();
        this.#cuts++;
        follower.cut();
        await pause(awayMs);
        await this.#comeBack(follower);
        await pause(Math.max(0, everyMs - (performance.now() - start)));
      }
    };
    await Promise.all(this.#followers.map(suffer));
    return { cuts: this.#cuts, replayMs: this.#replayMs.take(), failedReconnects: this.#failedReconnects };
  }

  /** Waits until all have got as far as they must, or the time is up. */
  async reach({ channel, upTo, withinMs }: ReachOrder): Promise<ReachReport> {
    const missing = () => this.#followers.reduce((sum, follower) => sum + Math.max(0, upTo - follower.seq(channel)), 0);
    const deadline = performance.now() + withinMs;
    while (missing() > 0 && performance.now() < deadline) await pause(LOOK_EVERY_MS);
    return { missing: missing(), faults: this.#followers.reduce((sum, { faults }) => sum + faults, 0) };
  }

  async #comeBack(follower: Follower): Promise<void> {
    for (;;) {
      const start = performance.now();
      if (await follower.connect()) {
        this.#replayMs.add(performance.now() - start);
        return;
      }
      this.#failedReconnects++;
      await pause(AGAIN_MS);
    }
  }
}
