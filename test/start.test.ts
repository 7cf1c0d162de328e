/** The server as a process: starts, stops, refuses, and starts again after it was killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FridayProcess, StartRefused, startFridayProcess } from './support/friday-process.ts';

let folder: string;
let running: FridayProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-start-'));
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.kill()));
  rmSync(folder, { recursive: true });
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<FridayProcess> {
  const server = await startFridayProcess({ FRIDAY_DATA_DIR: folder, ...settings });
  running.push(server);
  return server;
}

async function refusal(settings: Readonly<Record<string, string>>): Promise<StartRefused> {
  const error = await start(settings).catch((thrown: unknown) => thrown);
  if (error instanceof StartRefused) return error;
  throw new Error('The server should not have started.', { cause: error });
}

test('it serves, and ends in order when it is asked to', async () => {
  const server = await start();
  const answer = await fetch(`${server.url}/healthz`);
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
  expect(await server.stop()).toBe(0);
});

test('a wrong setting stops the start with one line that names it', async () => {
  const { exitCode, said } = await refusal({ FRIDAY_HEARTBEAT_SECONDS: 'soon' });
  expect(exitCode).not.toBe(0);
  expect(said).toMatch(/^[^\n]*FRIDAY_HEARTBEAT_SECONDS[^\n]*soon[^\n]*\n$/);
});

test('a second server on the same database refuses to start; after a kill the next one starts', async () => {
  const first = await start();
  const { said } = await refusal({});
  expect(said).toMatch(/^friday: [^\n]+\n$/);
  await first.kill();
  const next = await start();
  expect((await fetch(`${next.url}/readyz`)).status).toBe(200);
});
