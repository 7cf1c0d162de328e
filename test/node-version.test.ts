/** npm's scripts run on the Node that `npm ci` brought, whichever the machine has. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
const BROUGHT = new Set(Object.values(manifest.optionalDependencies).map((version) => `v${version}`));
const runFile = promisify(execFile);

/** The machine's own PATH: without what npm put before it when it started the tests. */
const env = {
  ...process.env,
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
};

const folder = mkdtempSync(join(tmpdir(), 'friday-node-'));
const program = join(folder, 'show.ts');
writeFileSync(
  program,
  'const version: string = process.version;\nconsole.log(version, ...process.argv.slice(2));\nprocess.exit(7);\n',
);
afterAll(() => rmSync(folder, { recursive: true }));

test('the tests run on it', () => {
  expect(BROUGHT).toContain(process.version);
});

test('the launcher runs on it whatever starts it, and ends as the program does', async () => {
  const launched = runFile('node', ['scripts/launch.mjs', program, 'a', 'b c'], { cwd: ROOT, env });
  await expect(launched).rejects.toMatchObject({ code: 7, stdout: `${process.version} a b c\n` });
});

test('a program ends when npm does, even through a shell that passes no signals on', async () => {
  const waiting = join(folder, 'wait.ts');
  writeFileSync(waiting, "process.on('SIGTERM', () => process.exit());\nsetInterval(() => {}, 1000);\nconsole.log('ready');\n");
  const shell = spawn('sh', ['-c', `node scripts/launch.mjs '${waiting}'; true`], {
    cwd: ROOT,
    env: { ...env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(shell.stdout, 'data');
  shell.kill();
  // The pipe closes when the last process that holds it is gone.
  await once(shell.stdout.resume(), 'close');
});

test('every script that is a program of ours starts through the launcher', () => {
  const { format, ...own } = manifest.scripts;
  expect(format).toMatch(/^biome /);
  for (const [name, script] of Object.entries(own))
    expect(script, name).toMatch(/^node (--watch )?--conditions=source scripts\/launch[.]mjs \S+[.]ts$/);
});
