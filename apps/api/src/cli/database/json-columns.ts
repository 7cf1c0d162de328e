/** Columns that hold JSON. A database is only whole if all of it can be read. */
import type { SqliteSession } from '@friday/realtime';

/** By table; null counts as absent. A test compares it with what each resource writes. */
export const JSON_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  activities: ['activity_schema', 'schema_render'],
  notes: ['attachments', 'enrichment_data'],
  tasks: ['enrichment_data', 'tags'],
};

const COLUMNS = `SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema t, pragma_table_info(t.name) c
  WHERE t.type = 'table'`;
const LOG_CONTENT = `SELECT coalesce(c.key, 'channel ' || l.channel_id) || '.' || l.seq AS place, 'is no JSON object' AS fault
  FROM realtime_log l LEFT JOIN realtime_channel c ON c.id = l.channel_id
  WHERE CASE WHEN json_valid(l.content) THEN json_type(l.content) <> 'object' ELSE TRUE END`;

/** Queries that give a row of `place` and `fault` for each value that is no JSON: those whose columns this database has. */
export function jsonQueries(session: SqliteSession): string[] {
  const columns = session.all<{ table: string; column: string }>(COLUMNS);
  const present = columns.filter(({ table, column }) => JSON_COLUMNS[table]?.includes(column));
  return [
    LOG_CONTENT,
    ...present.map(
      ({ table, column }) =>
        `SELECT '${table} row ' || id AS place, '${column} is no JSON' AS fault FROM ${table} WHERE NOT json_valid(${column})`,
    ),
  ];
}
