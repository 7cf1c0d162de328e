import type { SqliteSession, SqlValue, Transaction } from '@friday/realtime';
import { type CompiledQuery, Kysely } from 'kysely';
import { SessionDialect } from './sqlite-dialect.ts';
import { storageFault } from './storage-errors.ts';

/** Queries on certain tables: within a transaction, or, without one, on what is committed. */
export type Tables<Schema> = (tx?: Transaction) => Kysely<Schema>;

/** What repositories need: queries that are bound to the right connection. */
export interface Database {
  /** @typeParam Schema the tables that the repository uses. */
  tables<Schema>(): Tables<Schema>;
  /**
   * Runs a query on what is committed, with other parameters than it was compiled with: for what is asked at every request, where
   * building it and passing it on would take four times as long as the database does.
   */
  read<Row>(query: CompiledQuery<Row>, parameters: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** One SQLite file: a connection that writes, in transactions only, and one that reads (I8). */
export class SqliteDatabase implements Database {
  readonly #writer: SessionDialect;
  readonly #reader: SessionDialect;
  readonly #readerSession: SqliteSession;
  readonly #open = new WeakSet<Transaction>();

  constructor(writer: SqliteSession, reader: SqliteSession) {
    this.#writer = new SessionDialect(writer);
    this.#reader = new SessionDialect(reader);
    this.#readerSession = reader;
  }

  tables<Schema>(): Tables<Schema> {
    const writer = new Kysely<Schema>({ dialect: this.#writer });
    const reader = new Kysely<Schema>({ dialect: this.#reader });
    return (tx) => {
      if (tx === undefined) return reader;
      // Outside its unit the statement would commit by itself, without a notification (I1).
      if (!this.#open.has(tx)) throw new Error('The transaction has ended.');
      return writer;
    };
  }

  async read<Row>({ sql }: CompiledQuery<Row>, parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    try {
      return this.#readerSession.all<Row>(sql, parameters);
    } catch (error) {
      throw storageFault(error);
    }
  }

  /** Lets the transaction's statements through while `work` runs. */
  async during<T>(tx: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#open.add(tx);
    try {
      return await work(tx);
    } finally {
      this.#open.delete(tx);
    }
  }
}
