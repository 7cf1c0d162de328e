import type { SqliteSession } from '@friday/realtime';

/** One numbered step of the schema. Never changed once released: a later step corrects it. */
export interface Migration {
  /** Place in the order, unique, rising. */
  readonly id: number;
  readonly name: string;
  readonly up: readonly string[];
}

const CREATE_TABLE =
  'CREATE TABLE IF NOT EXISTS schema_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT';

/**
 * Brings the schema up to date: all missing steps, in one transaction.
 * @returns the names of the steps that were taken.
 * @throws Error in one line when the database holds a step that this program does not know, or when a step fails.
 */
export function migrate(session: SqliteSession, migrations: readonly Migration[]): string[] {
  const ordered = migrations.toSorted((a, b) => a.id - b.id);
  session.run('BEGIN IMMEDIATE', []);
  try {
    session.run(CREATE_TABLE, []);
    const missing = missingSteps(session, ordered);
    for (const migration of missing) take(session, migration);
    session.run('COMMIT', []);
    return missing.map(({ name }) => name);
  } catch (error) {
    if (session.database.isTransaction) session.run('ROLLBACK', []);
    throw error;
  }
}

function missingSteps(session: SqliteSession, ordered: readonly Migration[]): Migration[] {
  const applied = session.all<{ id: number; name: string }>('SELECT id, name FROM schema_migrations ORDER BY id', []);
  const unknown = applied.find(({ id, name }) => !ordered.some((step) => step.id === id && step.name === name));
  if (unknown) {
    throw new Error(
      `The database is newer than this program: it has step ${unknown.id}, ${unknown.name}. Start a newer version.`,
    );
  }
  return ordered.filter(({ id }) => !applied.some((step) => step.id === id));
}

function take(session: SqliteSession, { id, name, up }: Migration): void {
  for (const statement of up) session.run(statement, []);
  session.run('INSERT INTO schema_migrations (id, name, applied_at) VALUES (?, ?, ?)', [id, name, new Date().toISOString()]);
}
