/**
 * `npm run generate` writes the files that are made from the code; `--check` compares them instead, and names those that differ.
 * They are checked in, so that a change of the code shows what it changes for others.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ROOT } from './run.ts';

interface Generated {
  /** Relative to the repository's folder. */
  readonly path: string;
  /** The whole content, with a newline at its end. */
  readonly make: () => string | Promise<string>;
}

const GENERATED: readonly Generated[] = [];

function present(path: string): string | undefined {
  try {
    return readFileSync(resolve(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

async function main(checkOnly: boolean): Promise<void> {
  const changed: string[] = [];
  for (const { path, make } of GENERATED) {
    const content = await make();
    if (present(path) === content) continue;
    changed.push(path);
    if (checkOnly) continue;
    mkdirSync(dirname(resolve(ROOT, path)), { recursive: true });
    writeFileSync(resolve(ROOT, path), content);
  }
  const verb = checkOnly ? 'differs from what the code says: npm run generate' : 'written';
  console.log(
    changed.length === 0 ? `${GENERATED.length} files as they should be` : changed.map((path) => `${path} ${verb}`).join('\n'),
  );
  if (checkOnly && changed.length > 0) process.exitCode = 1;
}

await main(process.argv.includes('--check'));
