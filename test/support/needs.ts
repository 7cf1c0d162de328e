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
  faketime: ['faketime'],
  ip: ['ip'],
  nginx: ['nginx'],
  openssl: ['openssl'],
  prlimit: ['prlimit'],
  prometheus: ['prometheus'],
  promtool: ['promtool'],
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
  return found ?? missing(program, environment);
}

/**
 * Notes that a test needs what is not there, so that it is to be skipped.
 * @param what a program, or a right that this user has not, as the run names it at its end.
 * @throws Error when `CI` is set.
 */
export function missing(what: string, environment: Environment = process.env): undefined {
  if (environment['CI']) throw new Error(`This test needs ${what}, which is not there; with CI set nothing is skipped.`);
  const list = environment['FRIDAY_TEST_MISSING_LIST'];
  if (list) appendFileSync(list, `${what}\n`);
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
