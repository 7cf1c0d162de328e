import { ERRORS, FridayError } from '../../domain/errors.ts';
import { USER_ERRORS } from '../../domain/user.ts';

/** SQLite's primary result codes that a healthier disk would cure. Source: sqlite.org/rescode.html */
const CURABLE = new Map([
  [5, 'another program holds it'],
  [8, 'it is read-only'],
  [10, 'the disk cannot be read or written'],
  [13, 'the disk is full'],
  [14, 'its file cannot be opened'],
]);

/** SQLITE_CONSTRAINT_FOREIGNKEY: what a row refers to is not there. */
const REFERENCE_MISSING = 787;

/**
 * What a failed statement means for the caller.
 * @returns FridayError `storage_unavailable` for a fault of the disk, `user_not_found` for a write on behalf of a user who was removed
 * after the token was checked; anything else as it was given.
 */
export function storageFault(error: unknown): unknown {
  const code = resultCode(error);
  // Rows refer to their user, and to rows that were looked up in the same transaction.
  if (code === REFERENCE_MISSING) return new FridayError(USER_ERRORS.user_not_found, { cause: error });
  // The lowest byte of an extended result code is the primary one.
  const fault = CURABLE.get(code & 0xff);
  if (fault === undefined) return error;
  return new FridayError(ERRORS.storage_unavailable, { params: { fault }, retryAfterSeconds: 5, cause: error });
}

function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;
}
