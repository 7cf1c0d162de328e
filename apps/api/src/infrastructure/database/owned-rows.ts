import { type Kysely, sql } from 'kysely';
import type { OwnedTable, SelfReference } from './owned-tables.ts';

/** The rows of one owner, by their rowid: tables that users own have one. */
interface Slice {
  readonly database: Kysely<unknown>;
  readonly table: string;
  /** A JSON array. */
  readonly rowids: string;
}

/**
 * Removes an owner's rows from all tables, in an open transaction.
 * @param tables in the order in which they can be emptied.
 * @param limit rows that are changed or removed at most.
 * While any row of an earlier table is left, none of a later one is removed.
 * @returns whether there were any.
 */
export async function removeOwnedRows(
  database: Kysely<unknown>,
  { tables, owner, limit }: { tables: readonly OwnedTable[]; owner: string; limit: number },
): Promise<boolean> {
  let room = limit;
  for (const owned of tables) {
    room -= await removeSlice(database, { owned, owner, limit: room });
    if (room <= 0) break;
  }
  return room < limit;
}

/** @returns how many rows were changed or removed: fewer than the limit only where none is left. */
async function removeSlice(
  database: Kysely<unknown>,
  { owned, owner, limit }: { owned: OwnedTable; owner: string; limit: number },
): Promise<number> {
  const { table, column, selfReferences } = owned;
  const found = await sql<{ rowid: number }>`SELECT rowid AS "rowid" FROM ${sql.table(table)}
    WHERE ${sql.ref(column)} = ${owner} LIMIT ${limit}`.execute(database);
  const ids = found.rows.map(({ rowid }) => rowid);
  let cleared = 0;
  for (const reference of selfReferences) {
    // A row can go once no other refers to it. Those that do may be many more than the slice: then they are all that is done now.
    const slice = { database, table, rowids: JSON.stringify(ids) };
    cleared += await clearReferences(slice, reference, limit - cleared);
    if (cleared >= limit) return cleared;
  }
  const going = { database, table, rowids: JSON.stringify(ids.slice(0, limit - cleared)) };
  return cleared + (await removeRows(going));
}

/** Clears what refers to rows of the slice. @returns how many rows were changed. */
async function clearReferences(
  { database, table, rowids }: Slice,
  { column, key }: SelfReference,
  limit: number,
): Promise<number> {
  const result = await sql`UPDATE ${sql.table(table)} SET ${sql.ref(column)} = NULL WHERE rowid IN (
    SELECT rowid FROM ${sql.table(table)} WHERE ${sql.ref(column)} IN (
      SELECT ${sql.ref(key)} FROM ${sql.table(table)} WHERE rowid IN (SELECT value FROM json_each(${rowids}))
    ) LIMIT ${limit})`.execute(database);
  return Number(result.numAffectedRows);
}

async function removeRows({ database, table, rowids }: Slice): Promise<number> {
  const result = await sql`DELETE FROM ${sql.table(table)}
    WHERE rowid IN (SELECT value FROM json_each(${rowids}))`.execute(database);
  return Number(result.numAffectedRows);
}
