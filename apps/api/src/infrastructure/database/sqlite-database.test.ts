import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transaction } from '@friday/realtime';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FridayError } from '../../domain/errors.ts';
import { SqliteDatabase, type Tables } from './sqlite-database.ts';
import { SessionDialect } from './sqlite-dialect.ts';
import { SqliteUnitOfWork } from './sqlite-unit-of-work.ts';
import { openStorage, type Storage } from './storage.ts';
import { storageFault } from './storage-errors.ts';

interface Schema {
  readonly things: { readonly id: number; readonly name: string };
}

let folder: string;
let storage: Storage;
let tables: Tables<Schema>;
let unitOfWork: SqliteUnitOfWork;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  const up = ['CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL)'];
  storage = openStorage(join(folder, 'test.db'), [{ id: 1, name: 'things', up }]);
  const database = new SqliteDatabase(storage.writer, storage.reader);
  tables = database.tables();
  unitOfWork = new SqliteUnitOfWork(database, {
    session: storage.writer,
    append: () => Promise.resolve([]),
    onCommitted: () => undefined,
  });
});
afterEach(async () => {
  await unitOfWork.settled();
  storage.close();
  rmSync(folder, { recursive: true });
});

const insert = (db: Kysely<Schema>, id: number, name: string) => db.insertInto('things').values({ id, name }).executeTakeFirst();
const names = async (db: Kysely<Schema>) =>
  (await db.selectFrom('things').select('name').orderBy('id').execute()).map(({ name }) => name);

test('a unit sees its own writes, others see them once it is committed', async () => {
  await unitOfWork.run(async (tx) => {
    const result = await insert(tables(tx), 1, 'one');
    expect(result.numInsertedOrUpdatedRows).toBe(1n);
    expect(await names(tables(tx))).toEqual(['one']);
    expect(await names(tables())).toEqual([]);
  });
  expect(await names(tables())).toEqual(['one']);
});

test('a unit that throws is undone, and those beside it are not', async () => {
  const outcomes = await Promise.allSettled([
    unitOfWork.run((tx) => insert(tables(tx), 1, 'one')),
    unitOfWork.run(async (tx) => {
      await insert(tables(tx), 2, 'two');
      throw new Error('changed my mind');
    }),
    unitOfWork.run((tx) => insert(tables(tx), 1, 'again')),
    unitOfWork.run((tx) => insert(tables(tx), 3, 'three')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(await names(tables())).toEqual(['one', 'three']);
});

test('a transaction that has ended takes no more statements', async () => {
  let kept: Transaction | undefined;
  await unitOfWork.run(async (tx) => {
    kept = tx;
  });
  expect(() => tables(kept ?? { notifications: [] })).toThrow('The transaction has ended.');
});

test('without a unit nothing can be written', async () => {
  await expect(insert(tables(), 1, 'one')).rejects.toThrow('The database cannot be used now: it is read-only.');
});

test('transactions of the query builder are refused, and so is streaming', async () => {
  await expect(
    tables()
      .transaction()
      .execute(async () => undefined),
  ).rejects.toThrow('opened by the unit of work');
  const driver = new SessionDialect(storage.writer).createDriver();
  await expect(driver.commitTransaction(await driver.acquireConnection())).rejects.toThrow('ended by the unit of work');
  await expect(driver.rollbackTransaction(await driver.acquireConnection())).rejects.toThrow('ended by the unit of work');
  await expect(tables().selectFrom('things').selectAll().stream().next()).rejects.toThrow('does not stream');
});

test('it tells its tables', async () => {
  expect((await tables().introspection.getTables()).map(({ name }) => name)).toContain('things');
  await tables().destroy();
});

test('faults of the disk are told from faults of ours', async () => {
  const broken = sql`SELECT * FROM missing`.execute(tables());
  await expect(broken).rejects.toThrow('no such table: missing');
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  expect(storageFault(full)).toBeInstanceOf(FridayError);
  expect(storageFault(full)).toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 5, cause: full });
  const busy = Object.assign(new Error('database is locked'), { errcode: 5 });
  expect(storageFault(busy)).toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 5, cause: busy });
  // 4874 is SQLITE_IOERR_SHMSIZE, an extended code.
  expect(storageFault(Object.assign(new Error('io'), { errcode: 4874 }))).toMatchObject({ code: 'storage_unavailable' });
  for (const other of [
    new Error('plain'),
    Object.assign(new Error('x'), { errcode: 1 }),
    Object.assign(new Error('x'), { errcode: 'x' }),
    'text',
  ]) {
    expect(storageFault(other)).toBe(other);
  }
});

test('a disk that fills at the commit fails the whole group, and the next one passes', async () => {
  storage.writer.database.exec('PRAGMA max_page_count = 1');
  const writes = [1, 2, 3].map((id) => unitOfWork.run((tx) => insert(tables(tx), id, 'x'.repeat(9_000))));
  const outcomes = await Promise.allSettled(writes);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
  storage.writer.database.exec('PRAGMA max_page_count = 10000');
  await unitOfWork.run((tx) => insert(tables(tx), 1, 'one'));
  expect(await names(tables())).toEqual(['one']);
});
