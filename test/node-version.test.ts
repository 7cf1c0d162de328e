/** npm's scripts run on the Node that `npm ci` brought, whichever the machine has. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
const BROUGHT = new Set(Object.values(manifest.optionalDependencies).map((version) => `v${version}`));

/** The machine's own PATH: without what npm put before it when it started the tests. */
const machinePath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));

test('the tests run on it', () => {
  expect(BROUGHT).toContain(process.version);
});

test('npm finds it before the machine has its own', async () => {
  const env = { ...process.env, PATH: machinePath.join(delimiter) };
  const { stdout } = await promisify(execFile)('npm', ['exec', '--offline', '-c', 'node --version'], { cwd: ROOT, env });
  expect(BROUGHT).toContain(stdout.trim());
});

test('every script starts with it, or with a tool that does', () => {
  for (const [name, script] of Object.entries(manifest.scripts)) expect(script, name).toMatch(/^(node|biome) /);
});
