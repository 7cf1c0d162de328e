/** The program as an operator meets it, beyond its plain start and stop: each refusal in one line, and what outlives a restart. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FridayProcess, StartRefused, startFridayProcess } from '../../../test/support/friday-process.ts';
import { requestsTo } from './support/rest.ts';

type Settings = Readonly<Record<string, string>>;

let folder: string;
let running: FridayProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.kill()));
  rmSync(folder, { recursive: true });
});

async function start(settings: Settings = {}): Promise<FridayProcess> {
  const server = await startFridayProcess({ FRIDAY_DATA_DIR: folder, ...settings });
  running.push(server);
  return server;
}

/** @returns the one line that the program says before it ends. */
async function refusal(settings: Settings): Promise<string> {
  const error = await start(settings).catch((thrown: unknown) => thrown);
  if (!(error instanceof StartRefused)) throw new Error('The server should not have started.', { cause: error });
  expect(error.exitCode).toBe(1);
  expect(error.said).toMatch(/^friday: [^\n]+\n$/);
  return error.said.trim();
}

test.each<[Settings, RegExp]>([
  [{ FRIDAY_PORT: '99999' }, /FRIDAY_PORT is '99999'; allowed: a whole number from 0 to 65535\.$/],
  [{ FRIDAY_LOG_LEVEL: 'loud' }, /FRIDAY_LOG_LEVEL is 'loud'; allowed: trace, debug,/],
  [{ FRIDAY_JWT_SECRET: 'short-and-secret' }, /FRIDAY_JWT_SECRET has only 16 bytes; allowed: at least 32 bytes\.$/],
  [
    { FRIDAY_DATABASE_URL: 'postgres://user:hidden@db/friday' },
    /FRIDAY_DATABASE_URL is no SQLite file .*; allowed: `sqlite:PATH`/,
  ],
  [
    { FRIDAY_BROKER_URL: 'redis://:hidden@host' },
    /FRIDAY_BROKER_URL names a broker that is not supported yet; allowed: `memory:`/,
  ],
])('a wrong setting stops the start; no secret is shown (%#)', async (settings, expected) => {
  const said = await refusal(settings);
  expect(said).toMatch(expected);
  expect(said).not.toMatch(/short-and-secret|hidden/);
});

test('an address that cannot be had stops the start', async () => {
  const { port } = new URL((await start()).url);
  const settings = { FRIDAY_PORT: port, FRIDAY_DATABASE_URL: `sqlite:${join(folder, 'other/own.db')}` };
  expect(await refusal(settings)).toContain('EADDRINUSE');
});

test('a second server on the same database is told which it is', async () => {
  await start();
  const path = join(folder, 'friday.db');
  expect(await refusal({})).toBe(`friday: Another process serves ${path}: one at a time can own it.`);
});

test('a kept secret that is too short stops the start', async () => {
  const server = await start();
  await server.stop();
  writeFileSync(join(folder, 'jwt-secret'), 'short');
  expect(await refusal({})).toContain('jwt-secret has 5 bytes; at least 32 are needed.');
});

test('an unknown variable is warned of', async () => {
  const { log } = await start({ FRIDAY_PROT: '1' });
  expect(log).toContainEqual(
    expect.objectContaining({ level: 'warn', msg: 'FRIDAY_PROT is no setting: did you mean FRIDAY_PORT?' }),
  );
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it in order', async (signal) => {
  const server = await start();
  await requestsTo(server.url)('POST', '/v1/auth/register', { body: { username: 'anna' } });
  expect(await server.stop(signal)).toBe(0);
});

test("what is kept is its owner's only, and tokens outlive a restart", async () => {
  const first = await start();
  const request = requestsTo(first.url);
  const { data } = (await request('POST', '/v1/auth/register', { body: { username: 'anna' } })).body;
  const exchanged = await request('POST', '/v1/auth/token', { body: { user_secret: data['user_secret'] } });
  for (const file of ['jwt-secret', 'friday.db', 'friday.db-wal', 'friday.db-lock']) {
    expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
  }
  await first.stop();
  const next = await start();
  const me = await requestsTo(next.url)('GET', '/v1/auth/me', { token: String(exchanged.body.data['access_token']) });
  expect(me.body.data['username']).toBe('anna');
});
