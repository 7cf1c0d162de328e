import { expect, test } from 'vitest';
import { TAG_CHARACTERS, TagSource } from './tag-source.ts';

test('[P8] tags are random, short, and safe in a URL', () => {
  const source = new TagSource();
  const tags = Array.from({ length: 2_000 }, () => source.next());
  expect(new Set(tags).size).toBe(tags.length);
  for (const tag of tags) expect(tag).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(new Set(tags.map((tag) => tag.length))).toEqual(new Set([TAG_CHARACTERS]));
});
