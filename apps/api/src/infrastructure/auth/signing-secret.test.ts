import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptSigningSecret } from './signing-secret.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('it is made once, for its owner only', () => {
  const secret = keptSigningSecret(folder);
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(keptSigningSecret(folder)).toEqual(secret);
  expect(statSync(join(folder, 'jwt-secret')).mode & 0o777).toBe(0o600);
});

test('one that is too short is refused, and not shown', () => {
  writeFileSync(join(folder, 'jwt-secret'), 'hush');
  expect(() => keptSigningSecret(folder)).toThrow(/jwt-secret has 4 bytes; at least 32 are needed/);
});

test('a folder that is not there is a fault of its own', () => {
  expect(() => keptSigningSecret(join(folder, 'missing'))).toThrow('ENOENT');
});
