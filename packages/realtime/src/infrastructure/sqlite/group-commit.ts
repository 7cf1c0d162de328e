import { setImmediate } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';
import type { CommitGroup } from '../../domain/metrics.ts';
import type { LogEntry, Transaction } from '../../domain/ports.ts';
import type { SqlSession } from '../../domain/sql.ts';
import { isBusy, type SqliteSession } from './session.ts';

/** Milliseconds between two looks at a lock that another process holds. */
const LOOK_AGAIN_MS = 10;

export interface GroupCommitDeps {
  /** The only connection that writes to the file. */
  readonly session: SqliteSession;
  /** Numbers and inserts what these units announced, in the session's open transaction (I2). */
  readonly append: (session: SqlSession, units: readonly Transaction[]) => Promise<LogEntry[]>;
  /** Told of what was committed, at once after the COMMIT and before any unit is answered. */
  readonly onCommitted: (entries: LogEntry[]) => void;
  /** Told of each transaction when it has ended. */
  readonly onGroup?: (group: CommitGroup) => void;
  /** Milliseconds that units wait, at most, while another process writes to the file. Default: 5,000. */
  readonly maxWaitMs?: number;
}

interface Unit {
  /** Monotonic milliseconds at which it was queued. */
  readonly since: number;
  readonly tx: Transaction;
  /** Does the work. @returns how to answer the caller once the COMMIT has succeeded. */
  readonly run: () => Promise<() => void>;
  readonly fail: (error: unknown) => void;
}

/** A transaction that has ended: monotonic milliseconds at which it began, and at which COMMIT was due. */
interface Ended {
  readonly begun: number;
  readonly worked: number;
  readonly notifications: number;
  readonly committed: boolean;
}

/**
 * Group commit, I8: units of work that are queued in one turn of the event loop run one after the other, each in a savepoint,
 * inside one `BEGIN IMMEDIATE … COMMIT`: one sync to disk for all. Each is answered after the COMMIT. A unit that throws is rolled
 * back alone; a COMMIT that fails, or an error that ends the transaction (a full disk), fails every unit of its group.
 *
 * While another process writes to the file, such as an operator's command, the group waits for its end without stopping the event
 * loop, and takes in what is queued meanwhile; it fails with SQLITE_BUSY when that takes too long.
 */
export class GroupCommit {
  readonly #deps: GroupCommitDeps;
  #queue: Unit[] = [];
  #busy = false;
  readonly #idle: Array<() => void> = [];

  constructor(deps: GroupCommitDeps) {
    this.#deps = deps;
  }

  /**
   * Runs `work` in one transaction. It must await nothing but SQL on this session.
   * @returns what `work` returned, once it is durable. Rejects with what it threw, or with the database's error.
   */
  run<T>(work: (tx: Transaction) => T | PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const tx: Transaction = { notifications: [] };
      const run = async () => {
        const result = await work(tx);
        return () => resolve(result);
      };
      this.#queue.push({ since: performance.now(), tx, run, fail: reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing is queued or under way. */
  async settled(): Promise<void> {
    if (this.#busy || this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => void this.#commitQueued());
  }

  async #commitQueued(): Promise<void> {
    try {
      if (await this.#begin()) await this.#commitGroup(this.#dequeue());
    } finally {
      this.#busy = false;
      if (this.#queue.length > 0) this.#schedule();
      else for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Begins the transaction as soon as no other process writes. @returns false when it cannot: then all that is queued has failed. */
  async #begin(): Promise<boolean> {
    const { session, maxWaitMs = 5_000 } = this.#deps;
    const deadline = performance.now() + maxWaitMs;
    for (;;) {
      try {
        session.beginNow();
        return true;
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) {
          const units = this.#dequeue();
          for (const unit of units) unit.fail(error);
          const begun = performance.now();
          this.#tell(units, { begun, worked: begun, notifications: 0, committed: false });
          return false;
        }
      }
      await pause(LOOK_AGAIN_MS);
    }
  }

  #dequeue(): readonly Unit[] {
    const units = this.#queue;
    this.#queue = [];
    return units;
  }

  /** Runs the units in the open transaction, and ends it. */
  async #commitGroup(units: readonly Unit[]): Promise<void> {
    const { session, append, onCommitted } = this.#deps;
    const begun = performance.now();
    const answers: Array<() => void> = [];
    const done: Transaction[] = [];
    let entries: LogEntry[];
    let worked = begun;
    try {
      for (const unit of units) {
        const answer = await this.#inSavepoint(unit);
        if (!answer) continue;
        answers.push(answer);
        done.push(unit.tx);
      }
      entries = await append(session, done);
      worked = performance.now();
      session.run('COMMIT', []);
    } catch (error) {
      for (const unit of units) unit.fail(error);
      if (session.inTransaction) session.run('ROLLBACK', []);
      this.#tell(units, { begun, worked, notifications: 0, committed: false });
      return;
    }
    // What is committed is answered so, whatever becomes of its announcement: the reconcile pass finds it (I4).
    try {
      this.#tell(units, { begun, worked, notifications: entries.length, committed: true });
      onCommitted(entries);
    } finally {
      for (const answer of answers) answer();
    }
  }

  #tell(units: readonly Unit[], { begun, worked, notifications, committed }: Ended): void {
    this.#deps.onGroup?.({
      waits: units.map(({ since }) => begun - since),
      workMs: worked - begun,
      commitMs: performance.now() - worked,
      notifications,
      committed,
    });
  }

  /** @returns how to answer the unit, or undefined when it failed alone. Throws when the whole transaction is lost. */
  async #inSavepoint(unit: Unit): Promise<(() => void) | undefined> {
    const { session } = this.#deps;
    session.run('SAVEPOINT unit', []);
    try {
      const answer = await unit.run();
      session.run('RELEASE unit', []);
      return answer;
    } catch (error) {
      if (!session.inTransaction) throw error;
      session.run('ROLLBACK TO unit', []);
      session.run('RELEASE unit', []);
      unit.fail(error);
      return undefined;
    }
  }
}
