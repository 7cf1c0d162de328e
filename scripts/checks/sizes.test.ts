import { expect, test } from 'vitest';
import { oversized } from './sizes.ts';

const files = (count: number, suffix: string): string[] =>
  Array.from({ length: count }, (_, index) => `a/src/f${index}${suffix}`);

test('counts files of code in a folder, but no tests', () => {
  expect(oversized([...files(15, '.ts'), ...files(15, '.test.ts'), ...files(15, '.md')])).toEqual([]);
  expect(oversized(files(16, '.ts'))).toEqual(['a/src has 16 files of code; 15 are allowed.']);
});

test('measures depth below src', () => {
  expect(oversized(['a/src/b/c/d/e.ts'])).toEqual([]);
  expect(oversized(['a/src/b/c/d/e/f.ts'])).toEqual(['a/src/b/c/d/e is 4 folders deep below src; 3 are allowed.']);
});
