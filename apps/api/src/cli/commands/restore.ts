import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type FileLock, lockFile, type SqliteSession } from '@friday/realtime';
import { databasePath } from '../../composition.ts';
import type { Command } from '../command.ts';
import { findDamage } from '../database/damage.ts';
import { copyDatabase } from '../database/files.ts';
import { requireOwner } from '../database/owner.ts';
import { putInPlace } from '../database/replace.ts';
import { existingFile, schemaState, withReader } from '../database/state.ts';
import { CommandError, sqliteCode } from '../faults.ts';

export const restore: Command = {
  name: 'restore',
  args: ['FILE'],
  summary: 'Put a backup in the place of the database; the server must be stopped.',
  details: `The backup is checked first; a damaged one, or one of a newer version, changes nothing.
The database that it replaces is kept beside it, as friday.db.before-restore-TIME.
Clients that have seen more than the backup knows are told so when they come back, and fetch anew.
Keys that were rotated and users that were removed since the backup are back too.
Run it as the server's own user.`,

  async run(config, [file = '']) {
    const backup = existingFile(file);
    const path = resolve(databasePath(config));
    mkdirSync(dirname(path), { recursive: true });
    requireOwner(dirname(path), statSync(dirname(path)).uid);
    const lock = own(path);
    try {
      const kept = await withReader(backup, (session) => replace(session, backup, path));
      const text = `${path} is what ${backup} was.\n${kept === undefined ? '' : `The one before is kept as ${kept}\n`}`;
      return { text, data: { file: path, restored: backup, kept: kept ?? null } };
    } finally {
      lock.release();
    }
  },
};

/** @returns the path at which the replaced database is kept, if there was one. */
function replace(session: SqliteSession, backup: string, path: string): string | undefined {
  schemaState(session, backup);
  const { findings } = findDamage(session);
  if (findings.length > 0) {
    throw new CommandError('backup_damaged', `${backup} is damaged, nothing was changed: see friday check ${backup}.`);
  }
  const copy = copyDatabase(session, path);
  try {
    return putInPlace(copy, path);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
}

function own(path: string): FileLock {
  try {
    return lockFile(path);
  } catch (cause) {
    const busy = cause instanceof Error && sqliteCode(cause.cause) === 5;
    throw busy ? new CommandError('server_running', `The server runs on ${path}: stop it first.`, { cause }) : cause;
  }
}
