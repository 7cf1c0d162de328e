import { readdirSync, readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { VECTOR_SCHEMAS, type VectorFile } from './vector-schema.ts';
import { vectorContents, vectorFiles } from './vectors.ts';

const FOLDER = new URL('../../vectors/', import.meta.url);
const FILES = vectorFiles();

describe('the vectors', () => {
  test('on disk are those that are generated, and no others', () => {
    const present = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
    expect(present.sort()).toEqual(Object.keys(FILES).sort());
    for (const [name, text] of Object.entries(FILES)) expect(readFileSync(new URL(name, FOLDER), 'utf8')).toBe(text);
  });

  test.each(Object.keys(VECTOR_SCHEMAS))('%s.json has the form that the schema says', (name) => {
    const validator = Compile(VECTOR_SCHEMAS[name as VectorFile]);
    const file: unknown = JSON.parse(FILES[`${name}.json`] ?? '');
    expect(validator.Errors(file)).toEqual([]);
    expect(file).toHaveProperty('$schema', `./schema.json#/$defs/${name}`);
  });

  test('the README names every file', () => {
    const readme = readFileSync(new URL('README.md', FOLDER), 'utf8');
    for (const name of Object.keys(FILES)) expect(readme).toContain(`\`${name}\``);
  });

  test('cases of one file have names of their own', () => {
    for (const lists of Object.values(vectorContents())) {
      for (const list of Object.values(lists) as Array<Array<{ name?: string }>>) {
        const names = list.flatMap(({ name }) => name ?? []);
        expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
      }
    }
  });
});
