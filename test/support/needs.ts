/**
 * Programs that a test needs and that this repository does not bring: a browser, a proxy. On a developer's machine a test whose
 * program is missing is skipped, and `npm test` names it at its end; with `CI` set it fails instead.
 */
import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The names under which a program may be found in PATH, the usual one first. */
const PROGRAMS = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  nginx: ['nginx'],
} as const;

/** A program that tests may need. */
export type Program = keyof typeof PROGRAMS;

/** Places that are not in everyone's PATH. */
const ALSO_LOOK_IN = ['/usr/sbin', '/usr/local/sbin'];

function find(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...ALSO_LOOK_IN];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Looks for a program: `const nginx = needs('nginx')`, then `test.skipIf(nginx === undefined)('…', …)`.
 * @returns its path, or undefined where the test is to be skipped.
 * @throws Error when it is missing and `CI` is set.
 */
export function needs(program: Program): string | undefined {
  for (const name of PROGRAMS[program]) {
    const path = find(name);
    if (path !== undefined) return path;
  }
  if (process.env['CI']) throw new Error(`This test needs ${program}, which is not there; with CI set nothing is skipped.`);
  const list = process.env['FRIDAY_TEST_MISSING_LIST'];
  if (list) appendFileSync(list, `${program}\n`);
  return undefined;
}
