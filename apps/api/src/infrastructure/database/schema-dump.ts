import { DatabaseSync } from 'node:sqlite';
import { SqliteSession } from '@friday/realtime';
import { type Migration, migrate } from './migrate.ts';

/** The whole schema as SQL, by table, as the migrations leave it. For the documentation; a check compares it. */
export function schemaDump(migrations: readonly Migration[]): string {
  const session = new SqliteSession(new DatabaseSync(':memory:'));
  migrate(session, migrations);
  const objects = session.all<{ sql: string }>(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY tbl_name, type DESC, name",
    [],
  );
  session.close();
  return objects.map(({ sql }) => `${sql};\n`).join('\n');
}
