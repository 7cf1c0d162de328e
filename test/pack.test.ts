/** What is published works without this repository: plain JavaScript, its types, and nothing but what belongs there. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPackedProject, runIn } from './support/packed-project.ts';
import { PackedShop } from './support/packed-shop.ts';

const folder = mkdtempSync(join(tmpdir(), 'friday-pack-'));

beforeAll(() => createPackedProject(folder), 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packedFiles(name: string): string[] {
  const entries = readdirSync(join(folder, 'node_modules', name), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('a plain JavaScript module imports the packages by name', async () => {
  const program = `
    import { WebSocketMessage } from '@friday/realtime';
    import { SUBPROTOCOL } from '@friday/protocol';
    console.log(SUBPROTOCOL, new WebSocketMessage({ type: 'order.created' }).json);
  `;
  writeFileSync(join(folder, 'plain.js'), program);
  expect(await runIn(folder, 'node', ['plain.js'])).toBe('friday.v1 {"type":"order.created"}\n');
});

test('the types are complete, to the strictest compiler settings', async () => {
  const program = `
    import { WebSocketMessage, type WebSocketManager, type Transaction } from '@friday/realtime';
    export function announce(manager: WebSocketManager, tx: Transaction): void {
      manager.notify(tx, 'ann', new WebSocketMessage({ type: 'order.created' }));
    }
    export const json: string = new WebSocketMessage({ type: 'order.created' }).json;
  `;
  writeFileSync(join(folder, 'typed.ts'), program);
  const compilerOptions = { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  await expect(runIn(folder, 'tsc', ['--project', '.'])).resolves.toBe('');
});

test('the example runs on the packages alone, and loses nothing through kill -9', async () => {
  const first = await PackedShop.start(folder);
  const placed: number[] = [];
  try {
    const position = (await first.framesUntilLive()).at(-1)?.cursor;
    for (let count = 0; count < 20; count++) placed.push(await first.order('tea'));
    await first.kill();
    const second = await PackedShop.start(folder);
    try {
      for (let count = 0; count < 20; count++) placed.push(await second.order('tea'));
      const frames = await second.framesUntilLive(position);
      expect(frames[0]).toMatchObject({ type: 'connected', resumed: true });
      expect(frames.filter(({ type }) => type === 'order.created').map(({ data }) => data?.id)).toEqual(placed);
    } finally {
      await second.kill();
    }
  } finally {
    await first.kill();
  }
}, 60_000);

test.each(['@friday/protocol', '@friday/realtime'])('%s ships no sources and no tests', (name) => {
  const files = packedFiles(name);
  expect(files).toContain('index.d.ts');
  expect(files.filter((file) => /[.]test[.]|(?<![.]d)[.]ts$/.test(file))).toEqual([]);
});
