import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlSession, SqlValue } from '../../domain/sql.ts';

/** Milliseconds that a statement waits, with the whole process, for a lock that another connection holds. */
const BUSY_TIMEOUT_MS = 5_000;

/** What a statement did. */
export interface SqliteResult<Row> {
  readonly rows: Row[];
  readonly changes: number;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** One SQLite connection with its prepared statements; the one that was used longest ago goes first. */
export class SqliteSession implements SqlSession {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();
  readonly #capacity: number;
  /** Told how many milliseconds each statement took, where somebody wants to know. */
  onStatement: ((ms: number) => void) | undefined;

  /** @param capacity prepared statements that are kept. */
  constructor(database: DatabaseSync, capacity = 200) {
    this.database = database;
    this.#capacity = capacity;
  }

  all<Row>(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    return this.run<Row>(sql, parameters).rows;
  }

  /** Runs one statement. Throws node:sqlite's error, with `errcode`, as it is. */
  run<Row>(sql: string, parameters: readonly SqlValue[] = []): SqliteResult<Row> {
    const { onStatement } = this;
    if (!onStatement) return this.#execute(sql, parameters);
    const start = performance.now();
    try {
      return this.#execute(sql, parameters);
    } finally {
      onStatement(performance.now() - start);
    }
  }

  /**
   * Begins a transaction that writes, at once or not at all: SQLite would wait for another process's lock by sleeping, and nothing
   * else would run meanwhile. Other statements wait as {@link openWriter} has set it.
   * @throws node:sqlite's SQLITE_BUSY while another connection writes; see {@link isBusy}.
   */
  beginNow(): void {
    // SQLite obeys this pragma when it is compiled: a prepared one would do nothing.
    this.database.exec('PRAGMA busy_timeout = 0');
    try {
      this.run('BEGIN IMMEDIATE');
    } finally {
      this.database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** Whether a transaction is open: errors such as a full disk may have ended it. */
  get inTransaction(): boolean {
    return this.database.isOpen && this.database.isTransaction;
  }

  /** Ends the connection. */
  close(): void {
    this.#prepared.clear();
    this.database.close();
  }

  #execute<Row>(sql: string, parameters: readonly SqlValue[]): SqliteResult<Row> {
    const { statement, returnsRows } = this.#prepare(sql);
    if (returnsRows) {
      const rows = statement.all(...parameters) as Row[];
      return { rows, changes: rows.length };
    }
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) {
      this.#prepared.delete(sql);
      this.#prepared.set(sql, known);
      return known;
    }
    const statement = this.database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    if (this.#prepared.size >= this.#capacity) {
      const [oldest] = this.#prepared.keys();
      if (oldest !== undefined) this.#prepared.delete(oldest);
    }
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/**
 * Opens the one connection that writes: WAL, every commit synced to disk. Checkpoints come every 4,000 pages (16 MiB), which
 * halves the work of the default at bursts and still bounds the WAL.
 */
export function openWriter(path: string): SqliteSession {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
    PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA temp_store = MEMORY`,
  );
  return new SqliteSession(database);
}

/** Opens a connection that only reads: it sees each commit whole and never waits for the writer. */
export function openReader(path: string): SqliteSession {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA query_only = ON`);
  return new SqliteSession(database);
}

/** Whether an error is SQLITE_BUSY, in any of its kinds: another connection holds the lock. Source: sqlite.org/rescode.html */
export function isBusy(error: unknown): boolean {
  // The lowest byte of an extended result code is the primary one.
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;
}
