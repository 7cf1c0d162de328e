/** A host's database session as the change log needs it: `?` placeholders, rows as objects. */

/** A value that both SQLite and PostgreSQL take. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** One session: statements that are run through it share its transaction, if one is open. */
export interface SqlSession {
  /** Runs a statement and returns its rows, if any. May be synchronous. */
  all<Row>(sql: string, parameters: readonly SqlValue[]): Row[] | Promise<Row[]>;
}
