/** Kysely over this project's own SQLite sessions, which keep prepared statements; Kysely's own dialect prepares each time. */
import type { SqliteSession, SqlValue } from '@friday/realtime';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { storageFault } from './storage-errors.ts';

/** Builds and runs queries on one session. Transactions are the unit of work's business, never Kysely's. */
export class SessionDialect implements Dialect {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }

  createDriver(): Driver {
    return new SessionDriver(this.#session);
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
}

class SessionDriver implements Driver {
  readonly #connection: SessionConnection;

  constructor(session: SqliteSession) {
    this.#connection = new SessionConnection(session);
  }

  async init(): Promise<void> {
    // The session is open already.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    throw new Error('Transactions are opened by the unit of work.');
  }

  async commitTransaction(): Promise<void> {
    throw new Error('Transactions are ended by the unit of work.');
  }

  async rollbackTransaction(): Promise<void> {
    throw new Error('Transactions are ended by the unit of work.');
  }

  async releaseConnection(): Promise<void> {
    // There is one connection, which all share.
  }

  async destroy(): Promise<void> {
    // Whoever opened the session closes it.
  }
}

class SessionConnection implements DatabaseConnection {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { rows, changes } = this.#session.run<Row>(query.sql, query.parameters as readonly SqlValue[]);
      return { rows, numAffectedRows: BigInt(changes) };
    } catch (error) {
      throw storageFault(error);
    }
  }

  streamQuery(): never {
    throw new Error('This driver does not stream: ask for a page.');
  }
}
