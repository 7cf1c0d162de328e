import { DatabaseSync } from 'node:sqlite';
import { SqliteSession } from '@friday/realtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownedTables } from './owned-tables.ts';
import { SqliteDatabase } from './sqlite-database.ts';

let session: SqliteSession;

beforeEach(() => {
  session = new SqliteSession(new DatabaseSync(':memory:'));
});
afterEach(() => session.close());

function tablesOf(...statements: string[]) {
  for (const statement of ['CREATE TABLE users (id TEXT PRIMARY KEY)', ...statements]) session.run(statement);
  return ownedTables(new SqliteDatabase(session, session).tables<unknown>()(), 'users');
}

const OWNER = 'user_id TEXT REFERENCES users (id)';

test('who refers to another comes before it', async () => {
  const tables = await tablesOf(
    `CREATE TABLE a (id INTEGER PRIMARY KEY, ${OWNER})`,
    `CREATE TABLE b (id INTEGER PRIMARY KEY, ${OWNER}, a_id INTEGER REFERENCES a (id), b_id INTEGER REFERENCES b (id))`,
    `CREATE TABLE c (b_id INTEGER REFERENCES b (id), a_id INTEGER REFERENCES a (id), ${OWNER})`,
    'CREATE TABLE unrelated (id INTEGER PRIMARY KEY)',
  );
  expect(tables).toEqual([
    { table: 'c', column: 'user_id', selfReferences: [] },
    { table: 'b', column: 'user_id', selfReferences: [{ column: 'b_id', key: 'id' }] },
    { table: 'a', column: 'user_id', selfReferences: [] },
  ]);
});

test('a table may name two users', async () => {
  const tables = await tablesOf(
    'CREATE TABLE shares (giver TEXT REFERENCES users (id), taker TEXT NOT NULL REFERENCES users (id))',
  );
  expect(tables.toSorted((a, b) => (a.column < b.column ? -1 : 1))).toEqual([
    { table: 'shares', column: 'giver', selfReferences: [] },
    { table: 'shares', column: 'taker', selfReferences: [] },
  ]);
});

test('a circle is refused', async () => {
  const circle = tablesOf(
    `CREATE TABLE a (id INTEGER PRIMARY KEY, ${OWNER}, b_id INTEGER REFERENCES b (id))`,
    `CREATE TABLE b (id INTEGER PRIMARY KEY, ${OWNER}, a_id INTEGER REFERENCES a (id))`,
  );
  await expect(circle).rejects.toThrow('These tables refer to each other in a circle: a, b.');
});
