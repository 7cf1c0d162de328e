/** Users: who may register, and what is kept of them. Source: REST specification, section "Auth". */
import { errorTable, FridayError } from './errors.ts';

export interface User {
  /** UUID. */
  readonly id: string;
  readonly username: string;
  /** UUID; the public half of the user's secret. */
  readonly keyId: string;
  /** SHA-256 of the secret half, in hex. */
  readonly secretHash: string;
  /** Raised to revoke all tokens that were made before; rule P20. */
  readonly tokenGeneration: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Characters of a name; the alphabet is checked with the length, before the rules here. */
export const USERNAME = { minLength: 3, maxLength: 50, pattern: '^[a-zA-Z0-9_-]+$' } as const;

export const USER_ERRORS = errorTable({
  username_first_character: { message: 'Username must start with a letter', status: 400 },
  username_repeated_separator: { message: 'Username cannot contain consecutive special characters', status: 400 },
  username_digits: { message: 'Username cannot contain more than 3 consecutive numbers', status: 400 },
  username_reserved: { message: 'This username is reserved', status: 400 },
  username_taken: { message: 'Username already exists', status: 400 },
  user_not_found: { message: 'User not found', status: 401 },
  api_key_malformed: { message: 'Invalid API key format', status: 401 },
  api_key_invalid: { message: 'Invalid API key', status: 401 },
});

const RESERVED = ['admin', 'root', 'system'];

/** @throws FridayError with one of the `username_…` codes. */
export function checkUsername(username: string): void {
  if (!/^[a-z]/i.test(username)) throw new FridayError(USER_ERRORS.username_first_character);
  if (/__|--/.test(username)) throw new FridayError(USER_ERRORS.username_repeated_separator);
  if (/\d{4}/.test(username)) throw new FridayError(USER_ERRORS.username_digits);
  if (RESERVED.includes(foldUsername(username))) throw new FridayError(USER_ERRORS.username_reserved);
}

/** The form in which names are compared: no difference of case. */
export function foldUsername(username: string): string {
  return username.toLowerCase();
}
