/**
 * Every numbered rule of the protocol (P, C) and of the architecture (I) stands in a test's title as `[P9]`, and every number in a
 * title exists. Rules that the specification lists under "Not yet served" need no test.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../run.ts';
import { finish, repositoryFiles } from './report.ts';

const SPECIFICATIONS = ['packages/protocol/SPEC.md', 'docs/architecture.md'];
const DEFINITION = /\*\*([PIC]\d+b?)\*\*/g;
const NOT_SERVED_HEADING = /^(#+)\s+Not yet served\s*$/im;
const RANGE = /\b([PIC])(\d+)\s*(?:–|-|…|\.\.\.?|to)\s*[PIC]?(\d+)\b/g;
const NUMBER = /\b[PIC]\d+b?\b/g;
const TITLE = /\b(?:test|it|describe)(?:\.\w+)*(?:\([^'"`]*\))?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const TITLE_NUMBER = /\[([PIC]\d+b?)\]/g;

export interface Specified {
  /** Numbers that a test must prove. */
  readonly required: ReadonlySet<string>;
  /** All numbers, with those that are not served yet. */
  readonly known: ReadonlySet<string>;
}

/** Splits a text into what is outside and inside of the section "Not yet served". */
function withoutNotServed(text: string): { served: string; notServed: string } {
  const heading = NOT_SERVED_HEADING.exec(text);
  if (!heading) return { served: text, notServed: '' };
  const level = heading[1]?.length ?? 1;
  const start = heading.index + heading[0].length;
  const next = text.slice(start).search(new RegExp(`^#{1,${level}}\\s`, 'm'));
  const end = next < 0 ? text.length : start + next;
  return { served: text.slice(0, heading.index) + text.slice(end), notServed: text.slice(start, end) };
}

/** Numbers that a text names, one by one or as a range such as `C1–C6`. */
function named(text: string): Set<string> {
  const numbers = new Set(text.match(NUMBER) ?? []);
  for (const [, letter, first, last] of text.matchAll(RANGE)) {
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(`${letter}${number}`);
  }
  return numbers;
}

/** Reads which rules a specification defines (`**P9**`), and which of them it exempts. */
export function specified(text: string): Specified {
  const { served, notServed } = withoutNotServed(text);
  const exempt = named(notServed);
  const defined = new Set(Array.from(served.matchAll(DEFINITION), ([, number]) => number ?? ''));
  return { required: defined.difference(exempt), known: defined.union(exempt) };
}

/** Rule numbers in the titles of a test file. */
export function titledRules(source: string): Set<string> {
  const titles = Array.from(source.matchAll(TITLE), ([, , title]) => title ?? '');
  return new Set(titles.flatMap((title) => Array.from(title.matchAll(TITLE_NUMBER), ([, number]) => number ?? '')));
}

function readSpecifications(): Specified {
  const texts = SPECIFICATIONS.map((path) => specified(readFileSync(resolve(ROOT, path), 'utf8')));
  return {
    required: texts.reduce((all, { required }) => all.union(required), new Set<string>()),
    known: texts.reduce((all, { known }) => all.union(known), new Set<string>()),
  };
}

/** @returns titles that name no rule, and rules that no title names. */
function faultsAgainst({ required, known }: Specified): string[] {
  const proven = new Set<string>();
  const faults: string[] = [];
  for (const path of repositoryFiles().filter((file) => file.endsWith('.test.ts'))) {
    for (const number of titledRules(readFileSync(resolve(ROOT, path), 'utf8'))) {
      proven.add(number);
      if (!known.has(number)) faults.push(`${path}: a title names [${number}], which no specification defines.`);
    }
  }
  return [...faults, ...Array.from(required.difference(proven), (number) => `No test's title names [${number}].`)];
}

function main(): void {
  const missing = SPECIFICATIONS.filter((path) => !existsSync(resolve(ROOT, path)));
  if (missing.length > 0) {
    finish([`${missing.join(' and ')} define the rules, and are missing.`], '');
    return;
  }
  const rules = readSpecifications();
  finish(faultsAgainst(rules), `${rules.required.size} rules`);
}

if (import.meta.main) main();
