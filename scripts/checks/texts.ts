/** No file holds what is true on one machine only, or a note that switches a check off. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../run.ts';
import { finish, repositoryFiles } from './report.ts';

interface Forbidden {
  readonly what: string;
  readonly pattern: RegExp;
}

/** Written so that none of them matches this file. */
const FORBIDDEN: readonly Forbidden[] = [
  { what: 'a path of one machine', pattern: /(?<![\w.~-])[/](?:home|Users|root|work|tmp)[/]\w/ },
  { what: 'a path of one machine', pattern: /\b[A-Z]:\\Users\b/ },
  {
    what: "a package registry's host",
    pattern: /[/]{2}[\w.-]*registry[.]\w|\bregistry[.]npmjs|\bnpmjs[.](?:org|com)|\bpypi[.]org|\bnpmmirror[.]com/,
  },
  { what: 'a switch that silences the linter', pattern: /biome[-]ignore|eslint[-]disable/ },
  { what: 'a switch that silences the compiler', pattern: /@ts[-](?:ignore|nocheck|expect-error)/ },
  { what: 'a switch that hides code from coverage', pattern: /(?:v8|c8|istanbul)\s+ignore[ ]/ },
  { what: 'a mock of a module', pattern: /\bvi[.](?:mock|doMock|hoisted)[(]/ },
  { what: 'work that is left for later', pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/ },
];

/** @returns what a text may not hold: `line: what: the text`. */
export function forbiddenTexts(text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    FORBIDDEN.flatMap(({ what, pattern }) => {
      const found = pattern.exec(line);
      return found ? [`${index + 1}: ${what}: ${found[0]}`] : [];
    }),
  );
}

function main(): void {
  const paths = repositoryFiles();
  const faults = paths.flatMap((path) => {
    const bytes = readFileSync(resolve(ROOT, path));
    return bytes.includes(0) ? [] : forbiddenTexts(bytes.toString()).map((fault) => `${path}:${fault}`);
  });
  finish(faults, `${paths.length} files`);
}

if (import.meta.main) main();
