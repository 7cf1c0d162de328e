import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { lockFile, openReader, openWriter, type SqliteSession } from '@friday/realtime';
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
 * @throws Error in one line when it cannot be made or opened, another process owns it, or it is newer than this program.
 */
export function openStorage(path: string, migrations: readonly Migration[]): Storage {
  const open: Array<() => void> = [];
  const close = () => {
    for (const end of open.splice(0).reverse()) end();
  };
  try {
    mkdirSync(dirname(path), { recursive: true });
    const lock = lockFile(path);
    open.push(() => lock.release());
    const writer = openWriter(path);
    open.push(() => writer.close());
    migrate(writer, migrations);
    const reader = openReader(path);
    open.push(() => reader.close());
    return { writer, reader, close };
  } catch (error) {
    close();
    throw openingFault(path, error);
  }
}

/** The file system and SQLite say what is wrong, but not always where: their errors have a code, ours a sentence. */
function openingFault(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  return new Error(`The database ${path} cannot be opened: ${error.message}.`, { cause: error });
}
