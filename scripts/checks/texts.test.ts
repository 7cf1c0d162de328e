import { expect, test } from 'vitest';
import { forbiddenTexts } from './texts.ts';

// Put together here, so that this file itself stays clean.
const SLASH = '/';
const DOT = '.';

test.each([
  [`open ${SLASH}home${SLASH}ann`, 'a path of one machine'],
  [`"${SLASH}tmp${SLASH}x"`, 'a path of one machine'],
  [`https:${SLASH}${SLASH}registry${DOT}example${DOT}org`, "a package registry's host"],
  [`npmjs${DOT}org`, "a package registry's host"],
  [`// biome${'-'}ignore lint: because`, 'a switch that silences the linter'],
  [`// @ts${'-'}ignore`, 'a switch that silences the compiler'],
  [`/* v8 ${'ignore'} next */`, 'a switch that hides code from coverage'],
  [`vi${DOT}mock('./a.ts')`, 'a mock of a module'],
  [`// TO${'DO'}: later`, 'work that is left for later'],
])('refuses %s', (line, what) => {
  expect(forbiddenTexts(`fine\n${line}`)).toEqual([expect.stringContaining(`2: ${what}: `)]);
});

test('lets paths be that are the same everywhere', () => {
  expect(forbiddenTexts('GET /v1/work/1, src/home/page.ts, ./tmp/x, ~/work/x, var/tmp/y')).toEqual([]);
});
