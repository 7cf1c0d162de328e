import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDatabase } from '../../../test/support/files.ts';
import { isBusy, openReader, openWriter, SqliteSession } from './session.ts';

function open(path = temporaryDatabase()) {
  const writer = openWriter(path);
  writer.run('CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  const reader = openReader(path);
  onTestFinished(() => {
    reader.close();
    writer.close();
  });
  return { writer, reader };
}

test('statements give their rows, or how many rows they changed', () => {
  const { writer } = open();
  expect(writer.run('INSERT INTO thing (name) VALUES (?), (?)', ['a', 'b'])).toEqual({ rows: [], changes: 2 });
  expect(writer.run('INSERT INTO thing (name) VALUES (?) RETURNING id', ['c'])).toMatchObject({ rows: [{ id: 3 }], changes: 1 });
  expect(writer.all('SELECT name FROM thing WHERE id < ? ORDER BY id', [3])).toMatchObject([{ name: 'a' }, { name: 'b' }]);
});

test('[I8] every commit is synced to disk, in WAL mode', () => {
  const { writer } = open();
  expect(writer.all('PRAGMA journal_mode')).toMatchObject([{ journal_mode: 'wal' }]);
  expect(writer.all('PRAGMA synchronous')).toMatchObject([{ synchronous: 2 }]);
  expect(writer.all('PRAGMA foreign_keys')).toMatchObject([{ foreign_keys: 1 }]);
});

test('[I8] the reader sees each commit whole, writes nothing, and does not wait for the writer', () => {
  const { writer, reader } = open();
  const count = () => reader.all<{ things: number }>('SELECT count(*) AS things FROM thing')[0]?.things;
  writer.run('BEGIN IMMEDIATE');
  writer.run("INSERT INTO thing (name) VALUES ('a'), ('b')");
  expect(count()).toBe(0);
  writer.run('COMMIT');
  expect(count()).toBe(2);
  expect(() => reader.run("INSERT INTO thing (name) VALUES ('c')")).toThrow('readonly');
});

test('a transaction begins at once or not at all, and other statements wait for locks as before', () => {
  const path = temporaryDatabase();
  const { writer } = open(path);
  const other = openWriter(path);
  onTestFinished(() => other.close());
  other.beginNow();
  const start = performance.now();
  const begin = () => writer.beginNow();
  expect(begin).toThrow(expect.toSatisfy(isBusy));
  expect(performance.now() - start).toBeLessThan(2_500);
  expect(writer.all('PRAGMA busy_timeout')).toMatchObject([{ timeout: 5_000 }]);
  other.run('COMMIT');
  begin();
  expect(writer.inTransaction).toBe(true);
  writer.run('ROLLBACK');
});

test('errors come as SQLite gave them', () => {
  const { writer } = open();
  expect(() => writer.run('INSERT INTO thing (name) VALUES (NULL)')).toThrow(expect.objectContaining({ errcode: 1299 }));
  expect(() => writer.run('SELECT FROM')).toThrow('syntax error');
});

test('few statements stay prepared, and they work again when they come back', () => {
  const database = new DatabaseSync(':memory:');
  const session = new SqliteSession(database, 2);
  for (let round = 0; round < 3; round++) {
    for (const number of [1, 2, 3]) expect(session.all(`SELECT ${number} AS n`)).toMatchObject([{ n: number }]);
    expect(session.all('SELECT 1 AS n')).toMatchObject([{ n: 1 }]);
  }
  session.close();
});

test('whoever wants to know is told how long each statement took, also of those that fail', () => {
  const { reader } = open();
  const times: number[] = [];
  reader.onStatement = (ms) => void times.push(ms);
  reader.all('SELECT * FROM thing');
  expect(() => reader.run('SELECT * FROM missing')).toThrow(/no such table/);
  expect(times).toEqual([expect.any(Number), expect.any(Number)]);
});
