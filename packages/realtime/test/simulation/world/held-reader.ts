import type { SqlSession, SqlValue } from '../../../src/domain/sql.ts';
import type { SqliteSession } from '../../../src/infrastructure/sqlite/session.ts';

/** Reads of one turn of the event loop, far more than any needs. */
const MAX_READS_IN_TURN = 10_000;

/** The log's reader, whose answers may be held back or fail, as those of a database on another machine do. */
export class HeldReader implements SqlSession {
  readonly #session: SqliteSession;
  readonly #held: Array<() => void> = [];
  #holdsLeft = 0;
  #snapshot = false;
  #failuresLeft = 0;
  #failures = 0;
  #readsInTurn = 0;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  /** Answers that are held back. */
  get held(): number {
    return this.#held.length;
  }

  /** Reads that have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether something read so often in one turn that it would never have ended. */
  get ranAway(): boolean {
    return this.#readsInTurn > MAX_READS_IN_TURN;
  }

  /** Another turn of the event loop begins. */
  beginTurn(): void {
    this.#readsInTurn = 0;
  }

  /** Makes the next reads fail. */
  fail(count: number): void {
    this.#failuresLeft = count;
  }

  /** Holds back the next answers. @param snapshot whether they tell what stood when they were asked for, or when they are let go. */
  hold(count: number, snapshot: boolean): void {
    this.#holdsLeft = count;
    this.#snapshot = snapshot;
  }

  all<Row>(sql: string, parameters: readonly SqlValue[]): Row[] | Promise<Row[]> {
    this.#readsInTurn++;
    if (this.ranAway) throw new Error('The reads of this turn have no end.');
    if (this.#holdsLeft === 0) return this.#run(sql, parameters);
    this.#holdsLeft--;
    const { promise, resolve } = Promise.withResolvers<Row[]>();
    if (!this.#snapshot) this.#held.push(() => resolve(this.#attempt(sql, parameters)));
    else {
      const answer = this.#attempt<Row>(sql, parameters);
      this.#held.push(() => resolve(answer));
    }
    return promise;
  }

  /** Lets answers go, the oldest or the newest first. */
  answer(count: number, newestFirst: boolean): void {
    for (let left = Math.min(count, this.#held.length); left > 0; left--) {
      const next = newestFirst ? this.#held.pop() : this.#held.shift();
      next?.();
    }
  }

  /** @returns a promise, so that a failure waits for its turn as well. */
  #attempt<Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
    const answer = new Promise<Row[]>((resolve) => resolve(this.#run(sql, parameters)));
    // An answer that is never let go, because the process is gone, fails nobody.
    answer.catch(() => undefined);
    return answer;
  }

  #run<Row>(sql: string, parameters: readonly SqlValue[]): Row[] {
    if (this.#failuresLeft > 0) {
      this.#failuresLeft--;
      this.#failures++;
      throw new Error('The simulated database cannot be read.');
    }
    return this.#session.all<Row>(sql, parameters);
  }
}
