/** A project that uses the packages as a stranger does: from their tarballs, without this repository's sources. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** In the order of their dependencies: each is built against what those before it built. */
const PACKAGES = ['packages/protocol', 'packages/realtime'];
const runFile = promisify(execFile);

/**
 * Runs a program in a folder, with the Node that runs the tests.
 * @returns what it wrote to its standard output. Rejects, with both outputs in the error, when it fails.
 */
export async function runIn(folder: string, program: string, args: readonly string[]): Promise<string> {
  // Without NODE_V8_COVERAGE: npm and tsc would be measured too.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const path = [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const { stdout } = await runFile(program, args, { cwd: folder, env: { ...env, PATH: path } });
  return stdout;
}

/** Builds and packs the packages. @returns the tarballs' paths, in the order of their dependencies. */
async function pack(into: string): Promise<string[]> {
  const tarballs: string[] = [];
  for (const name of PACKAGES) {
    const folder = join(ROOT, name);
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    await runIn(folder, 'npm', ['pack', '--silent', '--ignore-scripts=false', `--pack-destination=${into}`]);
    const added = readdirSync(into).filter((file) => file.endsWith('.tgz') && !tarballs.includes(join(into, file)));
    tarballs.push(...added.map((file) => join(into, file)));
  }
  return tarballs;
}

/**
 * Makes an empty project in `folder` and installs the packed packages, with types for those who want them.
 * @param folder an empty folder outside of the repository.
 */
export async function createPackedProject(folder: string): Promise<void> {
  mkdirSync(join(folder, 'tarballs'));
  const tarballs = await pack(join(folder, 'tarballs'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const quiet = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await runIn(folder, 'npm', ['install', ...quiet, ...tarballs, '@types/node@26', '@types/ws@8']);
}
