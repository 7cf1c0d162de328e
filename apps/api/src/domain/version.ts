import { ERRORS, FridayError } from './errors.ts';

/** The versions that a client still holds to be the present one; undefined where it does not care. */
export type ExpectedVersions = readonly number[] | undefined;

/** What every resource carries: its number, and how often it was written. */
export interface Versioned {
  readonly id: number;
  /** 1 when created, one more with each change, the deletion included; rule P15. */
  readonly version: number;
}

/** @throws FridayError `version_mismatch` when the resource is at none of the expected versions. */
export function requireVersion(present: Versioned, expected: ExpectedVersions): void {
  if (expected === undefined || expected.includes(present.version)) return;
  const { version } = present;
  throw new FridayError(ERRORS.version_mismatch, { params: { version }, extra: { version } });
}
