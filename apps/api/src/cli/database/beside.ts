import { randomBytes } from 'node:crypto';
import { openWriter, type SqliteSession } from '@friday/realtime';
import { type Core, composeCore, databasePath } from '../../composition.ts';
import type { Config } from '../../config.ts';
import { SIGNING_SECRET_BYTES } from '../../domain/limits.ts';
import { createLog } from '../../infrastructure/log.ts';
import { CommandError } from '../faults.ts';
import { existing, schemaState, withReader } from './state.ts';

/** What a command works with. */
export interface Beside {
  readonly core: Core;
  /** Sees what is committed. */
  readonly reader: SqliteSession;
}

/**
 * Works on the server's own database, whether the server runs or not. Writes wait for the server's up to five seconds and are short,
 * so that the server's never wait for long; the server notices them by itself.
 * @throws CommandError `database_missing`, `database_older` and what `schemaState` throws.
 */
export async function beside<T>(config: Config, work: (parts: Beside) => T | Promise<T>): Promise<T> {
  const path = existing(databasePath(config));
  await withReader(path, (session) => requireCurrent(session, path));
  const writer = openWriter(path);
  try {
    return await withReader(path, (reader) => withCore(config, { writer, reader }, work));
  } finally {
    writer.close();
  }
}

async function withCore<T>(
  config: Config,
  storage: { readonly writer: SqliteSession; readonly reader: SqliteSession },
  work: (parts: Beside) => T | Promise<T>,
): Promise<T> {
  // No command makes or checks a token: the server's own secret stays where it is.
  const secret = randomBytes(SIGNING_SECRET_BYTES);
  const core = composeCore({ config, logger: createLog('silent'), storage, secret });
  try {
    return await work({ core, reader: storage.reader });
  } finally {
    await core.unitOfWork.settled();
    await core.realtime.close(0);
  }
}

function requireCurrent(session: SqliteSession, path: string): void {
  if (schemaState(session, path) === 'current') return;
  throw new CommandError('database_older', `${path} is older than this program: start this version's server on it once.`);
}
