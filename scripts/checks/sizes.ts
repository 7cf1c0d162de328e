/**
 * Folders stay small and flat: at most 15 files of code each (tests do not count), three deep below `src`. The lengths of files and
 * functions are rules of Biome's.
 */
import { dirname } from 'node:path';
import { finish, repositoryFiles } from './report.ts';

const MAX_FILES = 15;
const MAX_DEPTH = 3;
const CODE = /[.](?:ts|mts|js|mjs)$/;
const TEST = /[.]test[.]ts$|(?:^|[/])test[/]/;

/** @returns what is too large, one line a folder. */
export function oversized(paths: readonly string[]): string[] {
  const code = paths.filter((path) => CODE.test(path) && !TEST.test(path));
  const folders = Map.groupBy(code, (path) => dirname(path));
  return [...folders].flatMap(([folder, files]) => {
    const faults: string[] = [];
    if (files.length > MAX_FILES) faults.push(`${folder} has ${files.length} files of code; ${MAX_FILES} are allowed.`);
    const below = /[/]src[/](.+)$/.exec(folder)?.[1]?.split('/').length ?? 0;
    if (below > MAX_DEPTH) faults.push(`${folder} is ${below} folders deep below src; ${MAX_DEPTH} are allowed.`);
    return faults;
  });
}

function main(): void {
  const paths = repositoryFiles();
  finish(oversized(paths), `${paths.length} files`);
}

if (import.meta.main) main();
