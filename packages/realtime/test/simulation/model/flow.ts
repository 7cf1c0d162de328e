interface Ping {
  readonly payload: string;
  /** Bytes of notifications before it. */
  readonly mark: number;
  /** Monotonic milliseconds at which it was written. */
  readonly at: number;
}

/** P22 as the specification says it: bytes of notifications that no pong has confirmed. */
export class Flow {
  #sent = 0;
  #confirmed = 0;
  #pings: Ping[] = [];

  get inFlight(): number {
    return this.#sent - this.#confirmed;
  }

  /** When the oldest ping without an answer was written; undefined where all are answered. */
  get waitingSince(): number | undefined {
    return this.#pings[0]?.at;
  }

  sent(bytes: number): void {
    this.#sent += bytes;
  }

  pinged(payload: string, at: number): void {
    this.#pings.push({ payload, mark: this.#sent, at });
  }

  /** A pong arrives: all that came before its ping has been read. */
  confirmed(payload: string): void {
    const index = this.#pings.findIndex((ping) => ping.payload === payload);
    const ping = this.#pings[index];
    if (!ping) return;
    this.#confirmed = ping.mark;
    this.#pings = this.#pings.slice(index + 1);
  }
}
