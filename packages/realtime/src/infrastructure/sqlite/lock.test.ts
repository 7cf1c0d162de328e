import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryDatabase } from '../../../test/support/files.ts';
import { lockFile } from './lock.ts';

test('[I8] a file has one owner, until the lock is released', () => {
  const path = temporaryDatabase();
  const lock = lockFile(path);
  expect(() => lockFile(path)).toThrow(`Another process serves ${path}: one at a time can own it.`);
  lock.release();
  lockFile(path).release();
});

test('a lock that cannot be made is not taken for one that another holds', () => {
  const path = temporaryDatabase();
  mkdirSync(`${path}-lock`);
  expect(() => lockFile(path)).toThrow(expect.objectContaining({ errcode: 14 }));
  const other = temporaryDatabase();
  writeFileSync(`${other}-lock`, 'this is no database, and long enough to be taken for one'.repeat(100));
  expect(() => lockFile(other)).toThrow(expect.objectContaining({ errcode: 26 }));
});
