import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { ERRORS, FridayError } from '../domain/errors.ts';
import { faultOf } from './faults.ts';

/** What SQLite throws at this statement. */
function thrownBy(sql: string): unknown {
  const database = new DatabaseSync(':memory:');
  try {
    database.exec(`CREATE TABLE a (x NOT NULL); PRAGMA query_only = ON; ${sql}`);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    database.close();
  }
}

test('what SQLite says is told with what it is about', () => {
  const message = 'The database cannot be used: attempt to write a readonly database.';
  expect(faultOf(thrownBy('INSERT INTO a VALUES (1)'))).toEqual({ code: 'failed', message, exitCode: 1 });
});

test('a full disk has the code that the server answers with', () => {
  const error = new FridayError(ERRORS.storage_unavailable, { params: { fault: 'the disk is full' } });
  const message = 'The database cannot be used now: the disk is full.';
  expect(faultOf(error)).toEqual({ code: 'storage_unavailable', message, exitCode: 1 });
});

test('whatever else is thrown is told in one line', () => {
  expect(faultOf(new Error('It\n  broke.'))).toEqual({ code: 'failed', message: 'It broke.', exitCode: 1 });
  expect(faultOf('It broke.')).toEqual({ code: 'failed', message: 'It broke.', exitCode: 1 });
});
