import type { Clock, Logger } from '../domain/ports.ts';
import type { SqlSession } from '../domain/sql.ts';
import type { Retention } from './retention.ts';

const PASS_EVERY_MS = 60_000;

export interface RetentionTimerDeps {
  readonly retention: Retention;
  /** Runs a slice of the work in a transaction of its own. */
  readonly transaction: (work: (session: SqlSession) => Promise<boolean>) => Promise<boolean>;
  readonly clock: Pick<Clock, 'every'>;
  readonly logger: Pick<Logger, 'error'>;
}

/** Takes a retention pass every minute: slice by slice, so that no unit of work waits long for the writer. */
export class RetentionTimer {
  readonly #deps: RetentionTimerDeps;
  readonly #stopTimer: () => void;
  #passing = false;
  #stopped = false;

  constructor(deps: RetentionTimerDeps) {
    this.#deps = deps;
    this.#stopTimer = deps.clock.every(PASS_EVERY_MS, () => void this.#pass());
  }

  /** Ends the timer; a pass that is under way ends with its present slice. */
  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  async #pass(): Promise<void> {
    if (this.#passing) return;
    this.#passing = true;
    const { retention, transaction, logger } = this.#deps;
    try {
      while (!this.#stopped && (await transaction((session) => retention.prune(session))));
    } catch (error) {
      logger.error({ err: error }, 'retention pass failed, the next one goes on');
    }
    this.#passing = false;
  }
}
