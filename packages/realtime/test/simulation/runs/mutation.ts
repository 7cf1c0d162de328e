/** Copies of the code with one deliberate bug each, and what the simulation makes of them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadSubject } from '../world/subject.ts';
import type { Mutant } from './mutants/mutant.ts';
import { type Failure, runSeeds } from './runs.ts';

const PACKAGE = new URL('../../../', import.meta.url);
const MODULES = new URL('../../node_modules/', PACKAGE);

/**
 * Plays seeds against a copy of the code with this bug.
 * @returns the failure that gave it away; undefined when all seeds passed.
 */
export async function tryMutant(
  mutant: Mutant,
  seeds: { readonly first: number; readonly count: number },
): Promise<Failure | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    const sources = join(folder, 'src');
    cpSync(new URL('src', PACKAGE), sources, { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
    cpSync(new URL('package.json', PACKAGE), join(folder, 'package.json'));
    symlinkSync(fileURLToPath(MODULES), join(folder, 'node_modules'), 'dir');
    writeFileSync(join(sources, mutant.file), mutated(mutant));
    const subject = await loadSubject(pathToFileURL(`${sources}/`));
    return await runSeeds({ subject, firstSeed: seeds.first, count: seeds.count, shrinks: false });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The mutant's file with its bug.
 * @throws Error when the text to be replaced does not occur exactly once.
 */
export function mutated({ name, file, find, replace }: Mutant): string {
  const parts = readFileSync(new URL(`src/${file}`, PACKAGE), 'utf8').split(find);
  const [before, after] = parts;
  if (parts.length !== 2 || before === undefined || after === undefined) {
    throw new Error(`Mutant "${name}": its text occurs ${parts.length - 1} times in ${file}, not once. Mend the mutant.`);
  }
  return before + replace + after;
}
