import type { Clock, Logger } from '../domain/ports.ts';
import type { SqlSession } from '../domain/sql.ts';
import type { Retention } from './retention.ts';

/** Between two passes. */
const PASS_PAUSE_MS = 60_000;
/** Before the first slice, and between two slices of a pass, so that other units of work come in between. */
const SLICE_PAUSE_MS = 50;

export interface RetentionTimerDeps {
  readonly retention: Retention;
  /** Runs a slice of the work in a transaction of its own. */
  readonly transaction: (work: (session: SqlSession) => Promise<boolean>) => Promise<boolean>;
  readonly clock: Pick<Clock, 'every'>;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Removes old rows from the log: a pass over all channels at the start, and again a minute after the end of each. It goes slice by
 * slice, so that no unit of work waits long for the writer.
 */
export class RetentionTimer {
  readonly #deps: RetentionTimerDeps;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(deps: RetentionTimerDeps) {
    this.#deps = deps;
    this.#schedule(SLICE_PAUSE_MS);
  }

  /** Ends the timer: no slice starts after it. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#deps.clock.every(ms, () => {
      this.#cancel();
      void this.#slice();
    });
  }

  async #slice(): Promise<void> {
    const { retention, transaction, logger } = this.#deps;
    let more = false;
    try {
      more = await transaction((session) => retention.prune(session));
    } catch (error) {
      logger.error({ err: error }, 'retention pass failed, the next one goes on');
    }
    this.#schedule(more ? SLICE_PAUSE_MS : PASS_PAUSE_MS);
  }
}
