/** `friday backup` and `friday restore` killed in their middle, and the server killed while a backup is made. */
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, watch } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { BackupPlace } from '../support/backup-place.ts';
import { friday, type Ran } from '../support/command.ts';
import { listedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import type { ServerHost } from '../support/server-host.ts';
import { passed } from './support/passed.ts';

/** So large that copying it takes a while. */
const BALLAST_BYTES = 24_000_000;

let place: BackupPlace;
let host: ServerHost;
let elsewhere: string;
let backup: string;

beforeEach(() => {
  place = new BackupPlace();
  ({ host, elsewhere, backup } = place);
});
afterEach(() => place.end());

const command = (args: readonly string[], killAt?: AbortSignal): Promise<Ran> =>
  friday(args, { FRIDAY_DATA_DIR: host.folder }, killAt && { killAt });

/** Runs it in this process, which takes less time. */
async function done(...args: string[]): Promise<void> {
  expect(await runCommand(args, { FRIDAY_DATA_DIR: host.folder })).toMatchObject({ exitCode: 0 });
}

/** A stopped server's database with five notes of a user, and one of another's that makes it large. @returns the user's token. */
async function largeDatabase(): Promise<string> {
  const server = await host.start();
  const [{ token }, other] = [await registerUser(server.request), await registerUser(server.request)];
  const [ballast = 0] = await writeNotes(server.request, { token: other.token, count: 1 });
  await writeNotes(server.request, { token, count: 5 });
  await server.stop();
  const database = new DatabaseSync(host.database);
  database.exec(`UPDATE notes SET content = printf('%.*c', ${BALLAST_BYTES}, 'x') WHERE id = ${ballast}`);
  database.close();
  return token;
}

/** How many notes a database has, of all users. */
function notesIn(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('SELECT count(*) AS number FROM notes').get();
  database.close();
  return Number(row?.['number']);
}

/**
 * Runs a command and kills it so many milliseconds after its copy has appeared in a folder.
 * @returns whether it was still at work.
 */
async function killedInTheMiddle(folder: string, ms: number, args: readonly string[]): Promise<boolean> {
  const kill = new AbortController();
  const watcher = watch(folder);
  const appeared = (async () => {
    for (;;) {
      const [, name] = await once(watcher, 'change');
      if (String(name).includes('.partial-')) return;
    }
  })();
  const ran = command(args, kill.signal);
  await appeared;
  await passed(ms);
  kill.abort();
  watcher.close();
  return (await ran).exitCode === null;
}

test('a backup that is killed is not there, or is whole; the server does not notice, and the next backup is made', {
  timeout: 120_000,
}, async () => {
  const token = await largeDatabase();
  const server = await host.start();
  let killed = 0;
  for (const ms of [0, 20, 60]) {
    const writing = writeNotes(server.request, { token, count: 40, atOnce: 4 });
    if (await killedInTheMiddle(elsewhere, ms, ['backup', backup])) killed += 1;
    expect(await writing).toHaveLength(40);
    if (existsSync(backup)) await done('check', backup);
    rmSync(backup, { force: true });
    await done('check');
  }
  expect(killed).toBeGreaterThan(0);
  expect(readdirSync(elsewhere).every((name) => name.startsWith('monday.db.partial-'))).toBe(true);
  await done('backup', backup);
  await done('check', backup);
  expect(notesIn(backup)).toBe(6 + 3 * 40);
});

test('[P10] a server that is killed while a backup is made: the backup is whole, and so is what it left', {
  timeout: 60_000,
}, async () => {
  const token = await largeDatabase();
  const server = await host.start();
  const acknowledged: number[] = [];
  const running = command(['backup', backup]);
  const onAcknowledged = (total: number) => {
    if (total === 60) void server.kill();
  };
  acknowledged.push(...(await writeNotes(server.request, { token, count: 10_000, atOnce: 4, onAcknowledged })));
  expect(await running).toMatchObject({ exitCode: 0 });
  await done('check', backup);
  await done('check');
  const next = await host.start();
  const listed = await listedNotes(next.request, token);
  expect(acknowledged.filter((id) => !listed.includes(id))).toEqual([]);
});

test('[P10] a restore that is killed leaves the one database or the other, whole', { timeout: 120_000 }, async () => {
  const token = await largeDatabase();
  await done('backup', backup);
  const first = await host.start();
  await writeNotes(first.request, { token, count: 4 });
  // Its last commits are in the write-ahead log alone.
  await first.kill();
  const found: number[] = [];
  let killed = 0;
  for (const ms of [0, 40, 80, 160]) {
    if (await killedInTheMiddle(host.folder, ms, ['restore', backup])) killed += 1;
    await done('check');
    found.push(notesIn(host.database));
    const server = await host.start();
    const before = await listedNotes(server.request, token);
    await writeNotes(server.request, { token, count: 1 });
    expect(await listedNotes(server.request, token)).toHaveLength(before.length + 1);
    await server.kill();
  }
  expect(killed).toBeGreaterThan(0);
  // One note more after each, or the six of the backup.
  for (const [index, count] of found.entries()) expect([6, (found[index - 1] ?? 9) + 1]).toContain(count);
});
