/** docs/security.md promises that its attacks are tried: each test that it names is there, and every table of attacks names one a row. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const DOCS = resolve(import.meta.dirname, '../../../../docs');
const text = readFileSync(resolve(DOCS, 'security.md'), 'utf8');
/** A link to a test file, and the titles that follow it. */
const NAMED = /\]\((\.\.\/[^)]+\.test\.ts)\): ((?:“[^”]+”(?:, and )?)+)/g;

interface Named {
  readonly file: string;
  readonly title: string;
}

function named(row: string): Named[] {
  return [...row.matchAll(NAMED)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  );
}

const chapter = text.slice(text.indexOf('## Attacks'), text.indexOf('### What the attacks cost'));
const rows = chapter.split('\n').filter((line) => line.startsWith('| ') && !/^\| (attack|---)/.test(line));

test('every attack on the page names a test that tries it', () => {
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter((row) => named(row).length === 0)).toEqual([]);
});

test.each(named(chapter))('“$title” is in $file', ({ file, title }) => {
  const source = readFileSync(resolve(DOCS, file), 'utf8');
  const written = ["'", '"', '`'].map((quote) => quote + title + quote);
  expect(written.filter((each) => source.includes(each))).toHaveLength(1);
});
