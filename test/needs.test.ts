import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { needs } from './support/needs.ts';

const folder = mkdtempSync(join(tmpdir(), 'friday-needs-'));
const empty = join(folder, 'empty');
mkdirSync(empty);
afterAll(() => rmSync(folder, { recursive: true }));

test('finds a program by any of its names', () => {
  const program = join(folder, 'chromium-browser');
  writeFileSync(program, '', { mode: 0o755 });
  expect(needs('chromium', { PATH: `${empty}:${folder}`, CI: 'true' })).toBe(program);
});

test('a missing program is noted for the end of the run, so that its test can be skipped', () => {
  const list = join(folder, 'missing.txt');
  expect(needs('chromium', { PATH: empty, FRIDAY_TEST_MISSING_LIST: list })).toBeUndefined();
  expect(readFileSync(list, 'utf8')).toBe('chromium\n');
});

test('with CI set a missing program is a fault', () => {
  expect(() => needs('chromium', { PATH: empty, CI: 'true' })).toThrow(/needs chromium/);
});
