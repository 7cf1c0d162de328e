/** Who may import whom: applies the layer rules to the sources, and proves with a broken fixture that each rule bites. */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { ROOT } from '../run.ts';
import { CRUISE_OPTIONS, LAYER_RULES } from './layer-rules.ts';
import { finish } from './report.ts';

const FIXTURE = 'test/fixtures/layers';
const SOURCES = ['apps', 'packages'];

async function cruised(baseDir: string): Promise<ICruiseResult> {
  const { output } = await cruise(SOURCES, {
    ...CRUISE_OPTIONS,
    ruleSet: { forbidden: [...LAYER_RULES] },
    validate: true,
    baseDir,
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text instead of a result.');
  return output;
}

/** @returns what breaks a rule, one line each. */
function violations(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle ? cycle.map(({ name }) => name).join(' → ') : to;
    return `${rule.name}: ${from} → ${path}`;
  });
}

/** A cruise that cannot read TypeScript finds neither files nor imports, and no violations either. */
function implausible(result: ICruiseResult): string[] {
  const files = globSync(SOURCES.map((folder) => `${folder}/*/src/**/*.ts`)).length;
  const seen = result.modules.filter(({ source }) => /^(apps|packages)[/][^/]+[/]src[/]/.test(source));
  const imports = seen.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
  if (seen.length >= files && imports >= files) return [];
  return [`Only ${seen.length} of ${files} files with ${imports} imports were cruised: is @swc/core installed?`];
}

/** @returns the rules that found nothing in the fixture. */
function toothless(result: ICruiseResult): string[] {
  const reported = new Set(result.summary.violations.map(({ rule }) => rule.name));
  const silent = LAYER_RULES.filter(({ name }) => !reported.has(name));
  return silent.map(({ name }) => `${name} finds nothing in ${FIXTURE}: it guards nothing.`);
}

const sources = await cruised(ROOT);
const fixture = await cruised(resolve(ROOT, FIXTURE));
finish(
  [...violations(sources), ...implausible(sources), ...toothless(fixture)],
  `${sources.summary.totalDependenciesCruised} imports`,
);
