import type { Clock } from '../../src/domain/ports.ts';

interface Timer {
  readonly ms: number;
  readonly run: () => void;
  due: number;
}

/** 2026-03-01T10:00:00.000Z. */
export const START = Date.UTC(2026, 2, 1, 10);

/** A clock that stands still until the test moves it. Deferred work waits for {@link ManualClock.turn}, or goes to `defer`. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #defer: ((run: () => void) => void) | undefined;
  #deferred: Array<() => void> = [];
  #wall = START;
  #monotonic = 0;
  /** Milliseconds that pass whenever the monotonic clock is looked at: work takes time. */
  costOfLook = 0;

  /** @param defer the real event loop, where real sockets are in play. */
  constructor(defer?: (run: () => void) => void) {
    this.#defer = defer;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    this.#monotonic += this.costOfLook;
    return this.#monotonic;
  }

  defer(run: () => void): void {
    if (this.#defer) this.#defer(run);
    else this.#deferred.push(run);
  }

  /** As {@link defer}: here each turn is an event of its own. */
  soon(run: () => void): void {
    this.defer(run);
  }

  every(ms: number, run: () => void): () => void {
    const timer = { ms, run, due: this.#monotonic + ms };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Sets the wall clock alone, as an operator or NTP does. */
  setWall(ms: number): void {
    this.#wall = ms;
  }

  /** Lets time pass, with each timer in its turn, and what was deferred after each. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let next = this.#nextDue(end); next; next = this.#nextDue(end)) {
      this.#moveTo(next.due);
      next.due += next.ms;
      next.run();
      this.settle();
    }
    this.#moveTo(end);
  }

  /** Lets time pass in which the event loop is busy: no timer runs, and none makes up for it. */
  stall(ms: number): void {
    this.#moveTo(this.#monotonic + ms);
    for (const timer of this.#timers) timer.due += ms;
  }

  /** Runs what was deferred until now. @returns whether there was anything. */
  turn(): boolean {
    const due = this.#deferred;
    this.#deferred = [];
    for (const run of due) run();
    return due.length > 0;
  }

  /** Runs turns until nothing is deferred. @returns how many. */
  settle(): number {
    let turns = 0;
    while (this.turn()) turns++;
    return turns;
  }

  #nextDue(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= end && (!first || timer.due < first.due)) first = timer;
    return first;
  }

  #moveTo(monotonic: number): void {
    const passed = Math.max(0, monotonic - this.#monotonic);
    this.#monotonic += passed;
    this.#wall += passed;
  }
}
