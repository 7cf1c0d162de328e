import { GroupCommit, type GroupCommitDeps, type Transaction } from '@friday/realtime';
import type { SqliteDatabase } from './sqlite-database.ts';
import { storageFault } from './storage-errors.ts';
import type { OwnUnitOfWork } from './unit-of-work.ts';

/** Units of work on one SQLite file, committed in groups (I8). Everything that writes goes through here. */
export class SqliteUnitOfWork implements OwnUnitOfWork {
  readonly #database: SqliteDatabase;
  readonly #groups: GroupCommit;

  constructor(database: SqliteDatabase, deps: GroupCommitDeps) {
    this.#database = database;
    this.#groups = new GroupCommit(deps);
  }

  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.#groups.run((tx) => this.#database.during(tx, work));
    } catch (error) {
      throw storageFault(error);
    }
  }

  settled(): Promise<void> {
    return this.#groups.settled();
  }
}
