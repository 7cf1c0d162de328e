/** The connections of one process, and what is done with all of them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DialectName } from './dialects.ts';
import { Samples } from './samples.ts';
import { SocketClient } from './socket-client.ts';
import { type Counts, Tally, type TallyOptions } from './tally.ts';

/** Who connects, and from which position. */
export interface User {
  readonly token: string;
  readonly position?: string;
}

export interface ConnectOrder {
  readonly dialect: DialectName;
  readonly port: number;
  readonly count: number;
  /** How many may be on their way at once. */
  readonly atOnce: number;
  /** In turn. Socket.IO needs none. */
  readonly users: readonly User[];
  /** Loopback addresses to come from, in turn. */
  readonly addresses: readonly string[];
}

export interface ConnectReport {
  readonly tookMs: number;
  /** Milliseconds of each, from the accepted TCP connect to its being in use. */
  readonly liveAfterMs: Float64Array;
  readonly failed: number;
}

export interface TakeOrder {
  /** Waits until so many messages have come in all, since the start. */
  readonly atLeast: number;
  readonly withinMs: number;
}

const LOOK_EVERY_MS = 5;

export class Clients {
  readonly tally = new Tally();
  #all: SocketClient[] = [];

  get all(): readonly SocketClient[] {
    return this.#all;
  }

  /** Opens connections, which stay. */
  async connect(order: ConnectOrder): Promise<ConnectReport> {
    const start = performance.now();
    const liveAfterMs = new Samples();
    let next = 0;
    let failed = 0;
    const opener = async (): Promise<void> => {
      for (let index = next++; index < order.count; index = next++) {
        const client = this.#open(order, index);
        const opened = await client.live.then(
          () => true,
          () => false,
        );
        if (!opened) failed++;
        else {
          liveAfterMs.add(client.liveAfterMs);
          this.#all.push(client);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(order.atOnce, order.count) }, opener));
    return { tookMs: performance.now() - start, liveAfterMs: liveAfterMs.take(), failed };
  }

  start(options: TallyOptions): void {
    this.tally.start(options);
  }

  /** What has come since the start, once it is as much as expected or the time is up. */
  async take({ atLeast, withinMs }: TakeOrder): Promise<Counts> {
    const deadline = performance.now() + withinMs;
    while (this.tally.messages < atLeast && performance.now() < deadline) await pause(LOOK_EVERY_MS);
    return this.tally.take();
  }

  /** How many messages each has had since it was opened. */
  each(): Float64Array {
    return Float64Array.from(this.#all, ({ notifications }) => notifications);
  }

  pause(): void {
    for (const client of this.#all) client.pause();
  }

  resume(): void {
    for (const client of this.#all) client.resume();
  }

  /** Cuts them all, and forgets them. */
  async cut(): Promise<void> {
    const all = this.#all;
    this.#all = [];
    for (const client of all) client.cut();
    await Promise.all(all.map(({ ended }) => ended));
  }

  #open({ dialect, port, users, addresses }: ConnectOrder, index: number): SocketClient {
    const localAddress = addresses[index % addresses.length] ?? '127.0.0.1';
    const user = users.length === 0 ? {} : users[index % users.length];
    return new SocketClient({ dialect, port, localAddress, tally: this.tally, ...user });
  }
}
