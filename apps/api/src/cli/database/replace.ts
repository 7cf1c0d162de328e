import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { openWriter } from '@friday/realtime';
import { folderToDisk } from './files.ts';
import { isDamaged } from './state.ts';

/** Files that SQLite keeps beside a database, and that belong to it alone. */
const COMPANIONS = ['-wal', '-journal'];

/**
 * Puts a complete database file in the place of another, in the same folder. At every moment there is either the one or the other
 * under the name, whole; the replaced one keeps a name of its own.
 * @param path of the database to replace; this process holds its lock.
 * @returns where the replaced one is, or undefined where there was none.
 * @throws SQLite's SQLITE_BUSY when another program has it open: nothing is changed then.
 */
export function putInPlace(file: string, path: string): string | undefined {
  const kept = existsSync(path) ? keep(path) : undefined;
  rmSync(`${path}-shm`, { force: true });
  renameSync(file, path);
  folderToDisk(path);
  return kept;
}

/** Gives the database a second name, under which it will stay. */
function keep(path: string): string {
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  const kept = `${path}.before-restore-${time}`;
  makeOneFile(path);
  linkSync(path, kept);
  for (const end of COMPANIONS) if (existsSync(path + end)) renameSync(path + end, kept + end);
  return kept;
}

/** Writes the log of changes into the file itself. A file too broken for that is kept with its companions as they are. */
function makeOneFile(path: string): void {
  try {
    const writer = openWriter(path);
    try {
      // Needs the file for itself, and so proves that nobody else has it open.
      writer.all('PRAGMA journal_mode = DELETE');
    } finally {
      writer.close();
    }
  } catch (error) {
    if (!isDamaged(error)) throw error;
  }
}
