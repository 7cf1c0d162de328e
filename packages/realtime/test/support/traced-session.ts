import type { DatabaseSync } from 'node:sqlite';
import type { SqlValue } from '../../src/domain/sql.ts';
import { openWriter, type SqliteResult, SqliteSession } from '../../src/infrastructure/sqlite/session.ts';

/** A session that keeps what ran through it. */
export class TracedSession extends SqliteSession {
  readonly statements: Array<{ readonly sql: string; readonly parameters: readonly SqlValue[] }> = [];

  constructor(database: DatabaseSync) {
    super(database);
  }

  override run<Row>(sql: string, parameters: readonly SqlValue[] = []): SqliteResult<Row> {
    this.statements.push({ sql, parameters });
    return super.run(sql, parameters);
  }

  /** How often this statement ran. */
  count(sql: string): number {
    return this.statements.filter((statement) => statement.sql === sql).length;
  }
}

/** The writer of a file, traced. */
export function openTracedWriter(path: string): TracedSession {
  return new TracedSession(openWriter(path).database);
}
