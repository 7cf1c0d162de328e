import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './session.ts';

/** Makes this process the owner of a file, until it ends or releases the lock. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock of a database file (I8): an open exclusive transaction on an empty database beside it, `<path>-lock`. The kernel
 * frees it with the process, `kill -9` included, so that nothing is ever left to clean up.
 * @throws Error, in one line, when another process owns the file; node:sqlite's error when the lock cannot be made.
 */
export function lockFile(path: string): FileLock {
  const database = new DatabaseSync(`${path}-lock`);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (isBusy(cause)) throw new Error(`Another process serves ${path}: one at a time can own it.`, { cause });
    throw cause;
  }
  return { release: () => database.close() };
}
