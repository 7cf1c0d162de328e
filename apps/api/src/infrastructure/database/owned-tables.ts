import { type Kysely, sql } from 'kysely';

/** A column that names a row of another table. */
interface Reference {
  readonly table: string;
  readonly column: string;
  readonly target: string;
  /** The column that it names a row by. */
  readonly key: string;
}

/** A table whose rows each belong to a row of another. */
export interface OwnedTable {
  readonly table: string;
  /** The column that says to which. */
  readonly column: string;
  /** What in it refers to other rows of the same table. */
  readonly selfReferences: readonly SelfReference[];
}

/** A column of a table that names another row of it, and the column by which it does. */
export type SelfReference = Pick<Reference, 'column' | 'key'>;

const REFERENCES = sql<Reference>`SELECT t.name AS "table", f."from" AS "column", f."table" AS target, coalesce(f."to", 'rowid') AS "key"
  FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY t.name, f.id`;

/**
 * The tables whose rows refer to an owner, as the schema says: a new resource is among them by its foreign key alone.
 * @returns them in an order in which they can be emptied: who refers to another comes before it.
 * @throws Error when tables refer to each other in a circle.
 */
export async function ownedTables(database: Kysely<unknown>, owner: string): Promise<readonly OwnedTable[]> {
  const { rows } = await REFERENCES.execute(database);
  const ordered: OwnedTable[] = [];
  let waiting = rows.filter(({ target }) => target === owner);
  while (waiting.length > 0) {
    const left = new Set(waiting.map(({ table }) => table));
    const held = new Set(rows.flatMap(({ table, target }) => (left.has(table) && table !== target ? [target] : [])));
    const free = waiting.filter(({ table }) => !held.has(table));
    if (free.length === 0) throw new Error(`These tables refer to each other in a circle: ${[...left].join(', ')}.`);
    ordered.push(...free.map(({ table, column }) => ({ table, column, selfReferences: selfReferences(rows, table) })));
    waiting = waiting.filter(({ table }) => held.has(table));
  }
  return ordered;
}

function selfReferences(rows: readonly Reference[], name: string): SelfReference[] {
  return rows.flatMap(({ table, target, column, key }) => (table === name && target === name ? [{ column, key }] : []));
}
