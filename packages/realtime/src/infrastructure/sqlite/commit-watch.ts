import type { Clock } from '../../domain/ports.ts';
import type { SqliteSession } from './session.ts';

const LOOK_EVERY_MS = 200;

/**
 * Notices commits that other processes make to the same file, such as an operator's command: SQLite counts them for each connection.
 * Source: sqlite.org/pragma.html#pragma_data_version
 * @param writer the connection through which all of this process's own commits go: they are not counted.
 * @returns a function that ends it.
 */
export function watchCommits(writer: SqliteSession, clock: Pick<Clock, 'every'>, onCommit: () => void): () => void {
  let known = version(writer);
  return clock.every(LOOK_EVERY_MS, () => {
    const now = version(writer);
    if (now === known) return;
    known = now;
    onCommit();
  });
}

function version(session: SqliteSession): number | undefined {
  return session.all<{ data_version: number }>('PRAGMA data_version', [])[0]?.data_version;
}
