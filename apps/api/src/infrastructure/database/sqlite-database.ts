import type { SqliteSession, Transaction } from '@friday/realtime';
import { Kysely } from 'kysely';
import { SessionDialect } from './sqlite-dialect.ts';

/** Queries on certain tables: within a transaction, or, without one, on what is committed. */
export type Tables<Schema> = (tx?: Transaction) => Kysely<Schema>;

/** What repositories need: queries that are bound to the right connection. */
export interface Database {
  /** @typeParam Schema the tables that the repository uses. */
  tables<Schema>(): Tables<Schema>;
}

/** One SQLite file: a connection that writes, in transactions only, and one that reads (I8). */
export class SqliteDatabase implements Database {
  readonly #writer: SessionDialect;
  readonly #reader: SessionDialect;
  readonly #open = new WeakSet<Transaction>();

  constructor(writer: SqliteSession, reader: SqliteSession) {
    this.#writer = new SessionDialect(writer);
    this.#reader = new SessionDialect(reader);
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
