import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SqliteSession } from '@friday/realtime';

const OWNER_ONLY = 0o600;

/**
 * Copies a database as it is at one moment, while others write to it, into a new file beside `target`: complete, on disk, and readable
 * by its owner only. Writers do not wait for it. Source: sqlite.org/lang_vacuum.html, "VACUUM INTO"
 * @param session to the database, outside of a transaction.
 * @returns the new file's path: the caller renames it, or removes it.
 */
export function copyDatabase(session: SqliteSession, target: string): string {
  const copy = `${target}.partial-${randomBytes(6).toString('hex')}`;
  try {
    // SQLite takes an empty file, and keeps its mode.
    closeSync(openSync(copy, 'wx', OWNER_ONLY));
    session.all('PRAGMA query_only = OFF');
    session.run('VACUUM INTO ?', [copy]);
    toDisk(copy);
    return copy;
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
}

/** Waits until a file is on disk. */
function toDisk(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Waits until what was made, renamed or removed in the folder of `path` is on disk. */
export function folderToDisk(path: string): void {
  // Windows has no such thing: a folder cannot be opened there.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
