import { DatabaseSync } from 'node:sqlite';

/** Held as long as this process owns a database file. */
export interface FileLock {
  release(): void;
}

/**
 * Makes this process the only server on a database file (I8). The lock is an exclusive transaction on a second database beside
 * it, which the kernel ends with the process, `kill -9` included; nothing has to be cleaned up.
 * @throws Error in one line when another process holds the lock.
 */
export function lockDatabase(path: string): FileLock {
  const lock = new DatabaseSync(`${path}-lock`);
  try {
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new Error(`Another server is using ${path}: stop it, or give this one another FRIDAY_DATA_DIR.`, { cause });
  }
  return { release: () => lock.close() };
}
