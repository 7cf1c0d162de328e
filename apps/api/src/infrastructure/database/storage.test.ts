import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFile, openWriter } from '@friday/realtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allMigrations } from '../../migrations.ts';
import { type Migration, migrate } from './migrate.ts';
import { schemaDump } from './schema-dump.ts';
import { openStorage } from './storage.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  path = join(folder, 'deep/er/friday.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const first: Migration = { id: 1, name: 'first', up: ['CREATE TABLE a (x)', 'INSERT INTO a VALUES (1)'] };
const second: Migration = { id: 2, name: 'second', up: ['CREATE TABLE b (x)'] };
const broken: Migration = { id: 3, name: 'broken', up: ['CREATE TABLE c (x)', 'CREATE TABLE a (x)'] };

test('missing steps are taken in their order, once', () => {
  const storage = openStorage(path, [second, first]);
  expect(migrate(storage.writer, [first, second])).toEqual([]);
  expect(storage.reader.all('SELECT id, name FROM schema_migrations ORDER BY id', [])).toEqual([
    { id: 1, name: 'first' },
    { id: 2, name: 'second' },
  ]);
  storage.close();
  const again = openStorage(path, [first, second]);
  expect(again.reader.all('SELECT x FROM a', [])).toEqual([{ x: 1 }]);
  again.close();
});

test('a step that fails takes all others back, and leaves the file free', () => {
  expect(() => openStorage(path, [first, second, broken])).toThrow('table a already exists');
  const storage = openStorage(path, []);
  expect(storage.reader.all("SELECT name FROM sqlite_schema WHERE type = 'table'", [])).toEqual([{ name: 'schema_migrations' }]);
  storage.close();
});

test('a database that is newer is refused, and left as it is', () => {
  openStorage(path, [first, second]).close();
  expect(() => openStorage(path, [first])).toThrow(
    'The database is newer than this program: it has step 2, second. Start a newer version.',
  );
  expect(() => openStorage(path, [first, { ...second, name: 'other' }])).toThrow('it has step 2, second');
  openStorage(path, [first, second]).close();
});

test('the file has one owner at a time', () => {
  const storage = openStorage(path, [first]);
  expect(() => openStorage(path, [first])).toThrow(`Another process serves ${path}`);
  storage.close();
  const lock = lockFile(path);
  expect(() => openStorage(path, [first])).toThrow('Another process');
  lock.release();
  openStorage(path, [first]).close();
});

test('reads see what is committed, and cannot write', () => {
  const { writer, reader, close } = openStorage(path, [first]);
  writer.run('BEGIN IMMEDIATE', []);
  writer.run('INSERT INTO a VALUES (2)', []);
  expect(reader.all('SELECT x FROM a', [])).toHaveLength(1);
  writer.run('COMMIT', []);
  expect(reader.all('SELECT x FROM a', [])).toHaveLength(2);
  expect(() => reader.run('INSERT INTO a VALUES (3)', [])).toThrow('readonly');
  close();
});

test('numbers of steps are unique, and the whole schema can be written down', () => {
  const migrations = allMigrations();
  expect(new Set(migrations.map(({ id }) => id)).size).toBe(migrations.length);
  const dump = schemaDump(migrations);
  expect(dump).toContain('CREATE TABLE users (\n');
  expect(dump).toContain('CREATE INDEX notes_by_time ON notes (user_id, created_at, id);\n');
  expect(dump).not.toMatch(/sqlite_/);
  const writer = openWriter(join(folder, 'from-dump.db'));
  writer.database.exec(dump);
  writer.close();
});
