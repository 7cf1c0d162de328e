import type { Clock } from '../../../src/domain/ports.ts';

/** A repeated call, as {@link Clock.every} asks for it. */
export interface Timer {
  readonly ms: number;
  readonly run: () => void;
  /** Monotonic milliseconds of the next call. */
  due: number;
}

/** The clock of the simulation: time passes when the driver says so, and the turns of the event loop are its to run. */
export class SimulatedClock implements Clock {
  #wall: number;
  #monotonic = 0;
  readonly #readingMs: number;
  #deferred: Array<() => void> = [];
  readonly #timers = new Set<Timer>();

  /**
   * @param wall milliseconds since 1970 at the start.
   * @param readingMs time that passes with each look at the monotonic clock: more than 0 cuts the pump's work into many turns.
   */
  constructor(wall: number, readingMs: number) {
    this.#wall = wall;
    this.#readingMs = readingMs;
  }

  /** Monotonic milliseconds, for the driver: looking takes no time. */
  get elapsed(): number {
    return this.#monotonic;
  }

  /** Whether something waits for the next turn. */
  get busy(): boolean {
    return this.#deferred.length > 0;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    this.#move(this.#readingMs);
    return this.#monotonic;
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  /** As {@link defer}: here each turn is an event of its own. */
  soon(run: () => void): void {
    this.defer(run);
  }

  every(ms: number, run: () => void): () => void {
    const timer = { ms, run, due: this.#monotonic + ms };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Repeated calls that nobody has ended. */
  get timers(): number {
    return this.#timers.size;
  }

  /** The process stands still, as when its machine is stopped and goes on: timers that were due have not run. */
  stall(ms: number): void {
    this.#move(ms);
  }

  /** Sets the wall clock back or forth. */
  setBy(ms: number): void {
    this.#wall += ms;
  }

  /** Runs what was deferred before this turn. @returns whether there was anything. */
  turn(): boolean {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const run of deferred) run();
    return deferred.length > 0;
  }

  /** Lets time pass to the first timer that is due by `end`, or to `end`. @returns the timer, to be run. */
  passTo(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= end && (!next || timer.due < next.due)) next = timer;
    this.#move(Math.max(0, (next?.due ?? end) - this.#monotonic));
    if (next) next.due = this.#monotonic + next.ms;
    return next;
  }

  /** Forgets timers and turns: the process that asked for them is gone. */
  reset(): void {
    this.#deferred = [];
    this.#timers.clear();
  }

  #move(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }
}
