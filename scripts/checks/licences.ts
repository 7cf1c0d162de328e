/** Everything that is installed for production may be used under terms that ask for no more than a notice. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../run.ts';
import { finish } from './report.ts';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
}

/** Whether an SPDX expression, of names joined by OR and AND, can be met with allowed licences alone. */
export function allowed(expression: string): boolean {
  const bare = expression.replaceAll(/[()]/g, ' ');
  return bare.split(/\sOR\s/).some((all) => all.split(/\sAND\s/).every((name) => ALLOWED.has(name.trim())));
}

/** What the package itself says; for one of another platform, what the lock file has of it. */
function licenceOf(path: string, locked: LockedPackage): string {
  const manifest = resolve(ROOT, path, 'package.json');
  if (!existsSync(manifest)) return locked.license ?? 'none';
  const { license } = JSON.parse(readFileSync(manifest, 'utf8')) as { license?: unknown };
  return typeof license === 'string' ? license : 'none';
}

function main(): void {
  const lock = JSON.parse(readFileSync(resolve(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const production = Object.entries(lock.packages).filter(
    ([path, { dev, link }]) => path.includes('node_modules/') && dev !== true && link !== true,
  );
  const faults = production.flatMap(([path, locked]) => {
    const licence = licenceOf(path, locked);
    return allowed(licence)
      ? []
      : [`${path.replace(/^.*node_modules[/]/, '')} ${locked.version}: ${licence} is not on the list of licences.`];
  });
  finish(faults, `${production.length} packages`);
}

if (import.meta.main) main();
