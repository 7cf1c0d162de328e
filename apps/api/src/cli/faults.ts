/** What can go wrong, as a person reads it (one line) and as a program does (a code, and the exit code). */
import { RealtimeError } from '@friday/realtime';
import { ConfigError } from '../config.ts';
import { FridayError } from '../domain/errors.ts';

/** Exit codes. Never changed once released. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong arguments or settings: nothing was tried. */
  usage: 2,
  /** Something else uses the database: it may go later. */
  busy: 3,
  /** `check` found something. */
  damaged: 4,
} as const;

/** The faults of the command itself, with their exit codes; those of users and of notifications have the server's own codes. */
export const EXIT_OF = {
  usage: EXIT.usage,
  setting_invalid: EXIT.usage,
  database_busy: EXIT.busy,
  server_running: EXIT.busy,
  database_missing: EXIT.failed,
  database_unknown: EXIT.failed,
  database_newer: EXIT.failed,
  database_older: EXIT.failed,
  database_damaged: EXIT.failed,
  text_empty: EXIT.failed,
  user_not_found: EXIT.failed,
  username_invalid: EXIT.failed,
  file_exists: EXIT.failed,
  file_missing: EXIT.failed,
  file_unreadable: EXIT.failed,
  backup_damaged: EXIT.failed,
  not_the_owner: EXIT.failed,
} as const;

export type CommandErrorCode = keyof typeof EXIT_OF;

/** A fault of the command itself. The message is one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** A fault as it is told. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** How to tell of whatever was thrown. Anything that has no code of its own is `failed`. */
export function faultOf(error: unknown): Fault {
  if (error instanceof CommandError) return fault(error.code, error.message);
  if (error instanceof ConfigError) return fault('setting_invalid', error.message);
  if (isBusy(error) || (error instanceof FridayError && isBusy(error.cause))) {
    return fault('database_busy', 'Another program keeps the database busy: try again.');
  }
  if (error instanceof FridayError || error instanceof RealtimeError) {
    return { code: error.code, message: oneLine(error.message), exitCode: EXIT.failed };
  }
  const message = error instanceof Error ? error.message : String(error);
  const told = sqliteCode(error) === undefined ? message : `The database cannot be used: ${message}.`;
  return { code: 'failed', message: oneLine(told), exitCode: EXIT.failed };
}

/** SQLite's primary result code, or undefined where the error is not SQLite's. Source: sqlite.org/rescode.html */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

function fault(code: CommandErrorCode, message: string): Fault {
  return { code, message: oneLine(message), exitCode: EXIT_OF[code] };
}

/** SQLITE_BUSY and SQLITE_LOCKED. */
function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 5 || code === 6;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
