import type { RealtimeMetrics } from '../domain/metrics.ts';
import type { ChangeLog, Clock, Head, Logger, WakeUp } from '../domain/ports.ts';
import { Channel } from './connections/connection.ts';

const RECENT_MS = 60_000;
/** However clocks are set, and set back before anybody looks: after so long all channels are compared. */
const FULL_PASS_MS = 600_000;
const SLICE = 500;

export interface ChannelHubDeps {
  readonly log: ChangeLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<RealtimeMetrics, 'reconciled'>;
  /** Told of a channel whose head has moved. */
  readonly onAdvance: (channel: Channel) => void;
}

/** The channels of this process and their heads. Wake-ups only raise heads; a reconcile pass finds those that were lost (I4). */
export class ChannelHub {
  readonly #deps: ChannelHubDeps;
  readonly #channels = new Map<string, Channel>();
  #lastPass: { readonly wall: number; readonly monotonic: number };
  /** Monotonic milliseconds of the last comparison of all channels. */
  #lastFullPass: number;
  #fullPassDue = false;
  #reconciling = false;

  constructor(deps: ChannelHubDeps) {
    this.#deps = deps;
    this.#lastPass = { wall: deps.clock.now(), monotonic: deps.clock.monotonic() };
    this.#lastFullPass = this.#lastPass.monotonic;
  }

  /** The channel with this key, kept until as many {@link release}. */
  acquire(key: string): Channel {
    let channel = this.#channels.get(key);
    if (!channel) {
      channel = new Channel(key);
      this.#channels.set(key, channel);
    }
    channel.users++;
    return channel;
  }

  release(channel: Channel): void {
    channel.users--;
    if (channel.users === 0) this.#channels.delete(channel.key);
  }

  /** Channels that somebody here follows. */
  get size(): number {
    return this.#channels.size;
  }

  /** Whether anybody here follows the channel. */
  follows(key: string): boolean {
    return this.#channels.has(key);
  }

  /** Raises a head; a hint that says nothing new is dropped. */
  wake({ channel: key, seq }: WakeUp): void {
    const channel = this.#channels.get(key);
    if (!channel || seq <= channel.head) return;
    channel.head = seq;
    this.#deps.onAdvance(channel);
  }

  /**
   * Asks the log for a head that a wrong wake-up has raised too far, as one from before a restored backup may. Until it answers,
   * nobody is behind, and what is committed meanwhile raises the head as ever.
   */
  async correct(channel: Channel): Promise<void> {
    if (channel.head === 0) return;
    channel.head = 0;
    try {
      this.#wakeAll(await this.#deps.log.heads([channel.key]));
    } catch (error) {
      this.#fullPassDue = true;
      this.#deps.logger.error({ err: error, channel: channel.key }, 'reading a head failed');
    }
  }

  /** The next pass compares all channels: wake-ups may have been lost for a long time. */
  requestFullPass(): void {
    this.#fullPassDue = true;
  }

  /** Compares the heads known here with the log. Where it fails, the next pass compares all. */
  async reconcile(): Promise<void> {
    if (this.#reconciling) return;
    this.#reconciling = true;
    let found: number | undefined;
    const full = this.#wasAway() || this.#fullPassDue || this.#lastPass.monotonic - this.#lastFullPass >= FULL_PASS_MS;
    this.#fullPassDue = false;
    if (full) this.#lastFullPass = this.#lastPass.monotonic;
    try {
      found = full ? await this.#compareAll() : this.#wakeAll(await this.#deps.log.changedWithin(RECENT_MS));
    } catch (error) {
      this.#fullPassDue = true;
      this.#deps.logger.error({ err: error }, 'reconcile pass failed');
    }
    this.#reconciling = false;
    this.#deps.metrics.reconciled(found);
  }

  /** Whether this process slept, or the clock was set, for so long that "the last minute" may not reach back to the last pass. */
  #wasAway(): boolean {
    const { clock } = this.#deps;
    const now = { wall: clock.now(), monotonic: clock.monotonic() };
    const elapsed = now.monotonic - this.#lastPass.monotonic;
    const drift = now.wall - this.#lastPass.wall - elapsed;
    this.#lastPass = now;
    return elapsed > RECENT_MS / 2 || Math.abs(drift) > RECENT_MS / 2;
  }

  /** @returns how many heads had moved. */
  async #compareAll(): Promise<number> {
    const keys = [...this.#channels.keys()];
    let moved = 0;
    for (let start = 0; start < keys.length; start += SLICE) {
      moved += this.#wakeAll(await this.#deps.log.heads(keys.slice(start, start + SLICE)));
    }
    return moved;
  }

  /** @returns how many heads had moved. */
  #wakeAll(heads: readonly Head[]): number {
    let moved = 0;
    for (const head of heads) {
      if (head.seq > (this.#channels.get(head.channel)?.head ?? head.seq)) moved++;
      this.wake(head);
    }
    return moved;
  }
}
