import { expect, test } from 'vitest';
import { anchors, codeBlocks, links } from './markdown.ts';

const DOCUMENT = [
  '# The `one` idea: log & socket',
  'See [the rules](SPEC.md#rules "all") and ![a picture](<img/a.png>), not `[this](x.md)`.',
  '```ts fragment',
  'const a = 1; // [no link](y.md)',
  '```',
  '- a list',
  '  ~~~~sh',
  '  echo "```"',
  '  ~~~',
  '  ~~~~',
  '## Twice',
  '## Twice',
  '[reference]: docs/b.md',
  '```json',
  '{}',
].join('\n');

test('finds fenced blocks with their language, flags, place and code', () => {
  expect(codeBlocks(DOCUMENT)).toEqual([
    { language: 'ts', flags: ['fragment'], line: 4, code: 'const a = 1; // [no link](y.md)' },
    { language: 'sh', flags: [], line: 8, code: 'echo "```"\n~~~' },
    { language: 'json', flags: [], line: 15, code: '{}' },
  ]);
});

test('finds links outside of code', () => {
  expect(links(DOCUMENT)).toEqual([
    { target: 'SPEC.md#rules', line: 2 },
    { target: 'img/a.png', line: 2 },
    { target: 'docs/b.md', line: 13 },
  ]);
});

test('makes the anchors of headings', () => {
  expect([...anchors(DOCUMENT)]).toEqual(['the-one-idea-log--socket', 'twice', 'twice-1']);
});
