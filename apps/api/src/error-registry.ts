import { ERRORS, type ErrorEntry } from './domain/errors.ts';
import { USER_ERRORS } from './domain/user.ts';
import { RESOURCES } from './resource-list.ts';
import { AUTHENTICATION_ERRORS } from './routers/authentication.ts';

/** Every error that REST can answer with, in the order of the tables: for the documentation, and to find doubled codes. */
export function errorRegistry(): readonly ErrorEntry[] {
  const tables = [ERRORS, AUTHENTICATION_ERRORS, USER_ERRORS, ...RESOURCES.map(({ errors }) => errors)];
  return tables.flatMap((table) => Object.values(table));
}
