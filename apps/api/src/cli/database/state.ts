import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openReader, type SqliteSession } from '@friday/realtime';
import { allMigrations } from '../../migrations.ts';
import { CommandError, sqliteCode } from '../faults.ts';

/** SQLITE_CORRUPT and SQLITE_NOTADB. Source: sqlite.org/rescode.html */
const DAMAGED = [11, 26];

/** How a database's schema compares with this program's. */
export type SchemaState = 'current' | 'older';

interface Step {
  readonly id: number;
  readonly name: string;
}

/**
 * Does something with a database, through a connection that only reads.
 * @throws CommandError `file_unreadable`, and what `work` throws.
 */
export async function withReader<T>(path: string, work: (session: SqliteSession) => T | Promise<T>): Promise<T> {
  const session = open(path);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

/**
 * Looks whether a file is a database of Friday's that this program may work with.
 * @throws CommandError `database_unknown`, `database_newer`, `database_damaged`.
 */
export function schemaState(session: SqliteSession, path: string): SchemaState {
  const known = allMigrations();
  const applied = readSteps(session, path);
  const unknown = applied.find((step) => !known.some((each) => isSame(each, step)));
  if (unknown) {
    const step = `step ${unknown.id}, ${unknown.name}`;
    throw new CommandError('database_newer', `${path} is newer than this program: it has ${step}. Use a newer version.`);
  }
  return known.every((step) => applied.some((each) => isSame(each, step))) ? 'current' : 'older';
}

/** The absolute path. @throws CommandError `database_missing`. */
export function existing(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return absolute;
  const advice = 'start the server once, or set FRIDAY_DATA_DIR to the folder of its data.';
  throw new CommandError('database_missing', `There is no database ${absolute}: ${advice}`);
}

/** The absolute path of a backup. @throws CommandError `file_missing`. */
export function existingFile(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return absolute;
  throw new CommandError('file_missing', `There is no file ${absolute}.`);
}

/** Whether SQLite says that the file is broken, or is none of its own. */
export function isDamaged(error: unknown): boolean {
  return DAMAGED.includes(sqliteCode(error) ?? 0);
}

function open(path: string): SqliteSession {
  try {
    return openReader(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): CommandError {
  return new CommandError('file_unreadable', `${path} cannot be opened: ${String(cause)}. Does it belong to another user?`, {
    cause,
  });
}

function readSteps(session: SqliteSession, path: string): Step[] {
  try {
    const [table] = session.all("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'");
    const steps = table ? session.all<Step>('SELECT id, name FROM schema_migrations ORDER BY id') : [];
    if (steps.length > 0) return steps;
  } catch (error) {
    throw isDamaged(error) ? damagedFault(path, error) : error;
  }
  throw new CommandError('database_unknown', `${path} is no database of Friday's.`);
}

function damagedFault(path: string, cause: unknown): CommandError {
  return new CommandError('database_damaged', `${path} is damaged, or no database at all: ${String(cause)}.`, { cause });
}

function isSame(a: Step, b: Step): boolean {
  return a.id === b.id && a.name === b.name;
}
