/**
 * `npm run generate` writes the files that are made from the code; `--check` compares them instead, and names those that differ.
 * They are checked in, so that a change of the code shows what it changes for others.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configurationDocs } from '../apps/api/src/configuration-docs.ts';
import { schemaDump } from '../apps/api/src/infrastructure/database/schema-dump.ts';
import { allMigrations } from '../apps/api/src/migrations.ts';
import manifest from '../package.json' with { type: 'json' };
import { asyncApiDocument } from '../packages/protocol/src/asyncapi.ts';
import { renderSpec, vectorFiles } from '../packages/protocol/src/generate/index.ts';
import { dashboard } from './generated/dashboard.ts';
import { errorsPage } from './generated/errors-page.ts';
import { openApiDocument } from './generated/openapi.ts';
import { ROOT } from './run.ts';

const SPECIFICATION = 'packages/protocol/SPEC.md';

interface Generated {
  /** Relative to the repository's folder. */
  readonly path: string;
  /** The whole content, with a newline at its end. */
  readonly make: () => string | Promise<string>;
}

const GENERATED: readonly Generated[] = [
  { path: 'docs/openapi.json', make: async () => json(await openApiDocument()) },
  { path: 'docs/asyncapi.json', make: () => json(asyncApiDocument({ version: manifest.version })) },
  { path: 'docs/configuration.md', make: configurationDocs },
  { path: 'docs/errors.md', make: errorsPage },
  { path: 'docs/schema.sql', make: () => schemaDump(allMigrations()) },
  { path: 'deploy/grafana/friday.json', make: () => json(dashboard()) },
  { path: SPECIFICATION, make: () => renderSpec(readFileSync(resolve(ROOT, SPECIFICATION), 'utf8')) },
  ...Object.entries(vectorFiles()).map(([name, text]) => ({ path: `packages/protocol/vectors/${name}`, make: () => text })),
];

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function present(path: string): string | undefined {
  try {
    return readFileSync(resolve(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(resolve(ROOT, path)), { recursive: true });
  writeFileSync(resolve(ROOT, path), content);
}

async function main(checkOnly: boolean): Promise<void> {
  const changed: string[] = [];
  for (const { path, make } of GENERATED) {
    const content = await make();
    if (present(path) === content) continue;
    changed.push(path);
    if (!checkOnly) write(path, content);
  }
  const what = checkOnly ? 'is not what the code says: npm run generate' : 'written';
  console.log(
    changed.length === 0 ? `${GENERATED.length} files as they should be` : changed.map((path) => `${path} ${what}`).join('\n'),
  );
  if (checkOnly) process.exitCode = changed.length === 0 ? 0 : 1;
}

await main(process.argv.includes('--check'));
