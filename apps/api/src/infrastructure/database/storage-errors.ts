import { ERRORS, FridayError } from '../../domain/errors.ts';

/** SQLite's primary result codes that a healthier disk would cure. Source: sqlite.org/rescode.html */
const CURABLE = new Map([
  [5, 'another program holds it'],
  [8, 'it is read-only'],
  [10, 'the disk cannot be read or written'],
  [13, 'the disk is full'],
  [14, 'its file cannot be opened'],
]);

/**
 * What a failed statement means for the caller.
 * @returns FridayError `storage_unavailable` for a fault of the disk; anything else as it was given.
 */
export function storageFault(error: unknown): unknown {
  const fault = CURABLE.get(primaryCode(error));
  if (fault === undefined) return error;
  return new FridayError(ERRORS.storage_unavailable, { params: { fault }, retryAfterSeconds: 5, cause: error });
}

/** The lowest byte of an extended result code is the primary one. */
function primaryCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return 0;
  return error.errcode & 0xff;
}
