/**
 * Programs that a test needs and that this repository does not bring, such as a browser. On a developer's machine a test whose program
 * is missing is skipped, and `npm test` names it at its end; with `CI` set it fails instead.
 */
import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The names under which a program may be found in PATH, the usual one first. */
const PROGRAMS = {
  caddy: ['caddy'],
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  nginx: ['nginx'],
  openssl: ['openssl'],
  prlimit: ['prlimit'],
  'systemd-analyze': ['systemd-analyze'],
} as const;

/** A program that tests may need. */
export type Program = keyof typeof PROGRAMS;

/** Variables by name, as in `process.env`. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looks for a program: `const chromium = needs('chromium')`, then `test.skipIf(chromium === undefined)('…', …)`.
 * @returns its path, or undefined where the test is to be skipped.
 * @throws Error when it is missing and `CI` is set.
 */
export function needs(program: Program, environment: Environment = process.env): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(Boolean);
  const paths = PROGRAMS[program].flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = paths.find(isProgram);
  if (found !== undefined) return found;
  if (environment['CI']) throw new Error(`This test needs ${program}, which is not there; with CI set nothing is skipped.`);
  const list = environment['FRIDAY_TEST_MISSING_LIST'];
  if (list) appendFileSync(list, `${program}\n`);
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
