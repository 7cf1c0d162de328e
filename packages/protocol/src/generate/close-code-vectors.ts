/** What a client does after each close code: every code of the table, both ends of every range, and codes beyond. */
import { CLOSE_RANGES, closePolicy } from '../close-policy.ts';
import { PROTOCOL_ERROR_CODES, protocolError } from '../errors.ts';
import type { CloseCodeCase } from './vector-schema.ts';

/** Codes that no range names: no code, a gateway, TLS, libraries, other applications. */
const OTHERS = [1004, 1005, 1014, 1015, 3000, 3999, 4300, 4999];

/** All cases, ascending. */
export function closeCodeCases(): CloseCodeCase[] {
  const named = PROTOCOL_ERROR_CODES.flatMap((error) => protocolError(error).closeCode ?? []);
  const codes = new Set([...CLOSE_RANGES.flatMap(({ from, to }) => [from, to]), ...named, ...OTHERS]);
  return [...codes].sort((a, b) => a - b).map(closeCodeCase);
}

/** The errors of version 1 that close with this code. */
export function errorsThatClose(code: number): string[] {
  return PROTOCOL_ERROR_CODES.filter((error) => protocolError(error).closeCode === code);
}

function closeCodeCase(code: number): CloseCodeCase {
  const errors = errorsThatClose(code);
  return { code, policy: closePolicy(code), ...(errors.length > 0 && { errors }) };
}
