/** Moves that are told apart; what comes beyond counts as made with the last of them, and so as older than it is. */
const MAX_MOVES = 64;

/** When the head of a channel moved how far, for what not everybody has been sent yet. */
export class HeadTimes {
  readonly #heads: number[] = [];
  readonly #times: number[] = [];

  /** Notes that the head has moved. @param now monotonic milliseconds. */
  note(head: number, now: number): void {
    const last = this.#heads.length - 1;
    if (last + 1 < MAX_MOVES) {
      this.#heads.push(head);
      this.#times.push(now);
    } else {
      this.#heads[last] = head;
    }
  }

  /** Monotonic milliseconds at which the head reached this number; undefined where that is not known any more. */
  of(seq: number): number | undefined {
    return this.#times[this.#heads.findIndex((head) => head >= seq)];
  }

  /** Forgets what everybody has. @returns whether nothing is left. */
  forget(served: number): boolean {
    const left = this.#heads.findIndex((head) => head > served);
    const gone = left < 0 ? this.#heads.length : left;
    this.#heads.splice(0, gone);
    this.#times.splice(0, gone);
    return this.#heads.length === 0;
  }
}
