import { frame, Opcode } from './framing.ts';

/** What it means that a ping has had no answer for so long. */
export type Overdue = 'too_slow' | 'heartbeat_timeout';

/** Share of a window at which its ping is sent: the rest is for what comes until the pong, so that who reads fast never waits. */
const PING_AT = 0.75;

/**
 * Flow control of one connection, P22: notifications in flight are bounded, a ping follows before the bound is reached, and its pong
 * says that all before it has been read. The pong is both liveness and progress.
 */
export class Window {
  readonly #size: number;
  /** Bytes of notifications written since the connection began. */
  #sent = 0;
  /** How many of them the peer has surely read. */
  #read = 0;
  /** Value of `#sent` at the ping that waits for its pong. */
  #mark = 0;
  #pings = 0;
  /** Set by the pump when the next notification finds no room; the next pong clears it. */
  full = false;
  #pingedAt: number;
  #waiting = false;

  /**
   * @param size bytes that may be in flight.
   * @param now monotonic milliseconds.
   */
  constructor(size: number, now: number) {
    this.#size = size;
    this.#pingedAt = now;
  }

  /** Monotonic milliseconds of the last ping, or of the connection's beginning. */
  get pingedAt(): number {
    return this.#pingedAt;
  }

  /** Bytes that may be written now. */
  get room(): number {
    return this.#size - (this.#sent - this.#read);
  }

  /** Whether a ping waits for its pong. */
  get awaitsPong(): boolean {
    return this.#waiting;
  }

  /** Whether so much was written since the last ping that the next should not wait for the window's end. */
  get wantsPing(): boolean {
    return this.#sent - this.#mark >= this.#size * PING_AT;
  }

  /** Counts notifications that were written. */
  add(bytes: number): void {
    this.#sent += bytes;
  }

  /** Makes the ping that ends what has been written so far; at most one waits at a time. */
  ping(now: number): Buffer {
    this.#pingedAt = now;
    this.#waiting = true;
    this.#mark = this.#sent;
    this.#pings++;
    return frame(Opcode.Ping, String(this.#pings));
  }

  /** Takes a pong; one that answers no ping that waits is ignored. @returns whether it did. */
  pong(payload: Uint8Array): boolean {
    if (!this.#waiting || Buffer.from(payload).toString() !== String(this.#pings)) return false;
    this.#waiting = false;
    this.#read = this.#mark;
    this.full = false;
    return true;
  }

  /** Whether the ping has waited too long: `slowMs` where notifications wait too, `silentMs` where it alone does. */
  overdue(now: number, slowMs: number, silentMs: number): Overdue | undefined {
    if (!this.#waiting) return undefined;
    const waited = now - this.#pingedAt;
    if (this.#sent > this.#read) return waited >= slowMs ? 'too_slow' : undefined;
    return waited >= silentMs ? 'heartbeat_timeout' : undefined;
  }
}
