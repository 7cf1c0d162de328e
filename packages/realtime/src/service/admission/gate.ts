import { RealtimeError } from '../../domain/errors.ts';
import { Fifo } from '../../domain/fifo.ts';
import type { Clock } from '../../domain/ports.ts';

/** Tasks that begin in one turn of the event loop. A handshake takes about 0.2 ms: more of them and live delivery would feel it. */
const STARTS_PER_TURN = 4;
const RETRY_MIN_MS = 1_000;
const RETRY_JITTER_MS = 4_000;

export interface GateDeps {
  readonly clock: Clock;
  /** Tasks that may be under way at once. */
  readonly maxUnderway: number;
  /** Tasks that may wait; a further one is turned away at once. */
  readonly maxWaiting: number;
  /** Milliseconds that a task may wait. */
  readonly deadlineMs: number;
}

interface Waiting {
  readonly since: number;
  readonly start: () => void;
  readonly refuse: (fault: RealtimeError) => void;
}

/**
 * Admission: lets tasks through in order, only so many at once and in one turn of the loop, so that those who are already served keep
 * their pace during a storm. Who waits too long is turned away, with an advice when to come back that spreads the return.
 */
export class Gate {
  readonly #deps: GateDeps;
  readonly #queue = new Fifo<Waiting>();
  #underway = 0;
  #startedThisTurn = 0;
  #turnScheduled = false;

  constructor(deps: GateDeps) {
    this.#deps = deps;
  }

  /** Tasks that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Runs the task when its turn has come.
   * @throws RealtimeError `over_capacity`, with a jittered delay, when it would wait too long.
   */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.waiting === 0 && this.#mayStart()) return this.#start(task);
    if (this.waiting >= this.#deps.maxWaiting) return Promise.reject(overCapacity());
    return new Promise<T>((resolve, refuse) => {
      const start = () => void this.#start(task).then(resolve, refuse);
      this.#queue.push({ since: this.#deps.clock.monotonic(), start, refuse });
      this.#scheduleTurn();
    });
  }

  /** Turns those away who have waited too long, though nothing moves; to be called now and then. */
  sweep(): void {
    if (this.waiting > 0) this.#scheduleTurn();
  }

  #mayStart(): boolean {
    return this.#underway < this.#deps.maxUnderway && this.#startedThisTurn < STARTS_PER_TURN;
  }

  async #start<T>(task: () => Promise<T>): Promise<T> {
    this.#underway++;
    this.#startedThisTurn++;
    this.#scheduleTurn();
    try {
      return await task();
    } finally {
      this.#underway--;
      if (this.waiting > 0) this.#scheduleTurn();
    }
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.#deps.clock.defer(() => this.#turn());
  }

  #turn(): void {
    this.#turnScheduled = false;
    this.#startedThisTurn = 0;
    const expired = this.#deps.clock.monotonic() - this.#deps.deadlineMs;
    for (let next = this.#queue.first; next; next = this.#queue.first) {
      if (next.since > expired && !this.#mayStart()) break;
      this.#queue.shift();
      if (next.since > expired) next.start();
      else next.refuse(overCapacity());
    }
    if (this.waiting > 0 && this.#underway < this.#deps.maxUnderway) this.#scheduleTurn();
  }
}

function overCapacity(): RealtimeError {
  const retryAfterMs = RETRY_MIN_MS + Math.floor(Math.random() * RETRY_JITTER_MS);
  return new RealtimeError('over_capacity', 'Too many clients connect at once.', { retryAfterMs });
}
