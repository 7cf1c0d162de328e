/** How a check ends, and which files it looks at. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../run.ts';

/** Prints the faults, one a line, or a word on what was looked at; sets the exit code. */
export function finish(faults: readonly string[], looked: string): void {
  console.log(faults.length === 0 ? looked : faults.join('\n'));
  if (faults.length > 0) process.exitCode = 1;
}

/** The files that Git knows, and those that it would take; relative to the repository's folder, sorted. */
export function repositoryFiles(): string[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const output = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return output
    .split('\0')
    .filter((path) => path !== '' && existsSync(resolve(ROOT, path)))
    .sort();
}
