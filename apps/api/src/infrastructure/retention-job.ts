import type { Logger, Retention, SqliteSession } from '@friday/realtime';
import type { UnitOfWork } from '../domain/ports.ts';

const PASS_MS = 60_000;
/** Pause between two slices of one pass, so that writers come in between. */
const SLICE_MS = 50;

export interface RetentionJobDeps {
  readonly retention: Retention;
  readonly session: SqliteSession;
  readonly unitOfWork: UnitOfWork<unknown>;
  readonly logger: Logger;
}

/** Removes old notifications: a pass over all channels every minute, in slices, each a unit of work of its own. */
export class RetentionJob {
  readonly #deps: RetentionJobDeps;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: RetentionJobDeps) {
    this.#deps = deps;
  }

  /** Starts with the first pass; its timer does not keep the process alive. */
  start(): void {
    this.#schedule(0);
  }

  /** No slice starts after it. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#slice(), ms).unref();
  }

  async #slice(): Promise<void> {
    const { retention, session, unitOfWork, logger } = this.#deps;
    try {
      const more = await unitOfWork.run(() => retention.prune(session));
      this.#schedule(more ? SLICE_MS : PASS_MS);
    } catch (error) {
      logger.warn({ err: error }, 'old notifications could not be removed');
      this.#schedule(PASS_MS);
    }
  }
}
