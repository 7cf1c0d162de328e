import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openReader, openWriter, type SqliteSession } from '@friday/realtime';
import { lockDatabase } from './lock.ts';
import { type Migration, migrate } from './migrate.ts';

/** The open database file: this process owns it, and its schema is up to date. */
export interface Storage {
  /** The only connection that writes. */
  readonly writer: SqliteSession;
  readonly reader: SqliteSession;
  close(): void;
}

/**
 * Opens the file, or makes it with its folder.
 * @throws Error in one line when another server owns it or it is newer than this program.
 */
export function openStorage(path: string, migrations: readonly Migration[]): Storage {
  mkdirSync(dirname(path), { recursive: true });
  const open: Array<() => void> = [];
  const close = () => {
    for (const end of open.splice(0).reverse()) end();
  };
  try {
    const lock = lockDatabase(path);
    open.push(() => lock.release());
    const writer = openWriter(path);
    open.push(() => writer.close());
    migrate(writer, migrations);
    const reader = openReader(path);
    open.push(() => reader.close());
    return { writer, reader, close };
  } catch (error) {
    close();
    throw error;
  }
}
