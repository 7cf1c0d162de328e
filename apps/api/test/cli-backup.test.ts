/** `friday backup` beside a server that writes, and `friday restore` in its place: what comes back, and what clients are told. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../src/cli/run.ts';
import { openStorage } from '../src/infrastructure/database/storage.ts';
import { allMigrations } from '../src/migrations.ts';
import { BackupPlace } from './support/backup-place.ts';
import { friday, jsonOf, type Ran } from './support/command.ts';
import { openLive } from './support/live-socket.ts';
import { announcedNotes, listedNotes, writeNotes } from './support/notes.ts';
import { registerUser } from './support/rest.ts';
import type { Server, ServerHost } from './support/server-host.ts';

let place: BackupPlace;
let host: ServerHost;
let elsewhere: string;
let backup: string;

beforeEach(() => {
  place = new BackupPlace();
  ({ host, elsewhere, backup } = place);
});
afterEach(() => place.end());

function run(...args: string[]): Promise<Ran> {
  return friday(args, { FRIDAY_DATA_DIR: host.folder });
}

/** Runs it, and expects all to be well. @returns what `--json` prints. */
async function done(...args: string[]): Promise<Record<string, unknown>> {
  const ran = await run(...args, '--json');
  expect([ran.exitCode, ran.err]).toEqual([0, '']);
  return jsonOf(ran);
}

/** Runs it in this process, and expects this fault. @returns its message. */
async function refused(exitCode: number, code: string, ...args: string[]): Promise<string> {
  const ran = await runCommand([...args, '--json'], { FRIDAY_DATA_DIR: host.folder });
  const { error } = JSON.parse(ran.out);
  expect([ran.exitCode, error?.code]).toEqual([exitCode, code]);
  return error.message;
}

/** A database of which no server knows, with announcements, and a backup of it: for what needs no server. */
async function prepared(): Promise<void> {
  openStorage(host.database, allMigrations()).close();
  for (const args of [
    ['user', 'add', 'ada'],
    ['announce', 'One'],
    ['announce', 'Two'],
    ['announce', 'Three'],
    ['backup', backup],
  ]) {
    expect((await runCommand(args, { FRIDAY_DATA_DIR: host.folder })).exitCode).toBe(0);
  }
}

/** A stopped server with some notes, and a backup of it. */
async function backedUp(count = 5): Promise<string> {
  const server = await host.start();
  const { token } = await registerUser(server.request);
  await writeNotes(server.request, { token, count });
  await done('backup', backup);
  await server.stop();
  return token;
}

function query(path: string, sql: string): Record<string, unknown>[] {
  const session = new DatabaseSync(path, { readOnly: true });
  const rows = session.prepare(sql).all();
  session.close();
  return rows;
}

/** The files in the data folder whose names begin so. */
function files(prefix = 'friday.db'): string[] {
  return readdirSync(host.folder).filter((name) => name.startsWith(prefix));
}

async function resumed(server: Server, token: string, cursor: string) {
  const socket = await openLive(server.url, { token, cursor });
  return { connected: socket.connected, announced: announcedNotes(socket.notifications) };
}

test('[P8] a backup taken while the server writes comes back whole: older positions resume, later ones are unknown', async () => {
  const first = await host.start();
  const { token } = await registerUser(first.request);
  const follower = await openLive(first.url, { token });
  const before = await writeNotes(first.request, { token, count: 50 });
  await follower.first(50);
  const older = follower.position;
  const acknowledged = [...before];
  let written = false;
  const write = async () => acknowledged.push(...(await writeNotes(first.request, { token, count: 40, atOnce: 4 })));
  const writing = (async () => {
    while (!written) await write();
  })();
  const { bytes } = await done('backup', backup);
  written = true;
  await writing;
  await write();
  await follower.first(acknowledged.length);
  const later = follower.position;
  expect(bytes).toBe(statSync(backup).size);
  await first.kill();

  const { kept } = await done('restore', backup);
  const second = await host.start();
  const listed = await listedNotes(second.request, token);
  // The same moment for notes and for notifications: as many of the one as of the other, the earliest.
  expect(listed).toEqual(acknowledged.toSorted((a, b) => a - b).slice(0, listed.length));
  expect(listed.length).toBeGreaterThanOrEqual(50);
  const resume = await resumed(second, token, older);
  expect(resume.connected.resumed).toBe(true);
  expect(resume.announced).toEqual(listed.slice(50));
  const { connected } = await resumed(second, token, later);
  expect(connected).toMatchObject({ resumed: false, reason: 'unknown_history' });
  await second.stop();
  // Nothing of what was replaced is lost, though the server was killed and its last commits were in the write-ahead log.
  expect(query(String(kept), 'SELECT count(*) AS n FROM notes')).toEqual([{ n: acknowledged.length }]);
  expect(await run('check', String(kept))).toMatchObject({ exitCode: 0 });
});

test('[P8] what was written after the backup is unknown history when it is restored, whatever is written instead', async () => {
  const token = await backedUp(5);
  const second = await host.start();
  await writeNotes(second.request, { token, count: 3 });
  const position = (await openLive(second.url, { token })).position;
  await second.stop();
  await done('restore', backup);
  const third = await host.start();
  const unknown = { resumed: false, reason: 'unknown_history' };
  expect((await resumed(third, token, position)).connected).toMatchObject(unknown);
  await writeNotes(third.request, { token, count: 3 });
  expect((await resumed(third, token, position)).connected).toMatchObject(unknown);
});

test('a backup is one file, for its owner only, and is never written over another', async () => {
  await backedUp();
  expect(readdirSync(elsewhere)).toEqual(['monday.db']);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(backup);
  expect(await refused(1, 'file_exists', 'backup', backup)).toBe(`${backup} exists already: nothing was written.`);
  expect(readFileSync(backup).equals(bytes)).toBe(true);
  const { out } = await run('check', backup);
  expect(out).toContain('is whole: 1 users, 1 channels, 5 notifications');
  const tables = query(backup, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  expect(tables).toContainEqual({ name: 'sqlite_sequence' });
  for (const { name } of tables) {
    const rows = `SELECT * FROM ${name}`;
    expect([name, query(backup, rows)]).toEqual([name, query(host.database, rows)]);
  }
  expect(readdirSync(elsewhere)).toEqual(['monday.db']);
});

test('a backup that cannot be written leaves nothing behind', async () => {
  await prepared();
  const message = await refused(1, 'failed', 'backup', join(elsewhere, 'no/such/folder.db'));
  expect(message).toMatch(/ENOENT/);
  expect(readdirSync(elsewhere)).toEqual(['monday.db']);
});

test('what is restored is for its owner only, the replaced database is kept, and says where', async () => {
  await backedUp();
  const { exitCode, out, err } = await run('restore', backup);
  expect([exitCode, err]).toEqual([0, '']);
  const [kept = ''] = files('friday.db.before-restore-');
  expect(out).toBe(`${host.database} is what ${backup} was.\nThe one before is kept as ${join(host.folder, kept)}\n`);
  expect(files()).toEqual(['friday.db', kept, 'friday.db-lock'].toSorted());
  for (const file of files()) expect([file, statSync(join(host.folder, file)).mode & 0o777]).toEqual([file, 0o600]);
});

test('a backup becomes the database of a new machine', async () => {
  const token = await backedUp();
  const secret = join(host.folder, 'jwt-secret');
  copyFileSync(secret, join(elsewhere, 'jwt-secret'));
  rmSync(host.folder, { recursive: true });
  expect(await done('restore', backup)).toEqual({ file: host.database, restored: backup, kept: null });
  copyFileSync(join(elsewhere, 'jwt-secret'), secret);
  const server = await host.start();
  expect(await listedNotes(server.request, token)).toHaveLength(5);
});

test('beside a running server nothing is restored', async () => {
  const token = await backedUp();
  const server = await host.start();
  await writeNotes(server.request, { token, count: 1 });
  expect(await refused(3, 'server_running', 'restore', backup)).toBe(`The server runs on ${host.database}: stop it first.`);
  expect(await listedNotes(server.request, token)).toHaveLength(6);
  expect(files('friday.db.')).toEqual([]);
});

test('while another program has the database open nothing is restored', { timeout: 30_000 }, async () => {
  await prepared();
  const other = new DatabaseSync(host.database);
  other.exec('PRAGMA journal_mode = WAL; BEGIN; SELECT * FROM users');
  await refused(3, 'database_busy', 'restore', backup);
  other.close();
  expect(files('friday.db.')).toEqual([]);
  await done('restore', backup);
});

test.each([
  ['file_missing', () => rmSync(backup), /^There is no file /],
  ['file_unreadable', spoilToFolder, /cannot be opened: .*another user\?$/],
  ['database_damaged', () => writeFileSync(backup, 'no database'.repeat(1000)), /is damaged, or no database at all/],
  ['database_unknown', () => writeFileSync(backup, ''), /is no database of Friday's\.$/],
  ['database_newer', () => plant("INSERT INTO schema_migrations VALUES (999, 'later', '')"), /it has step 999, later/],
  ['backup_damaged', () => plant('DELETE FROM realtime_log WHERE seq = 2'), /is damaged, nothing was changed: see friday check/],
])('%s: such a backup changes nothing', async (code, spoil, message) => {
  await prepared();
  const bytes = readFileSync(host.database);
  spoil();
  expect(await refused(1, code, 'restore', backup)).toMatch(message);
  expect(readFileSync(host.database).equals(bytes)).toBe(true);
  expect(files('friday.db.')).toEqual([]);
});

test('a backup of an older version is restored, and brought up to date by the server', async () => {
  const token = await backedUp();
  plant('DELETE FROM schema_migrations WHERE id = 4; DROP TABLE tasks');
  expect((await run('check', backup)).exitCode).toBe(0);
  await done('restore', backup);
  await refused(1, 'database_older', 'user', 'list');
  const server = await host.start();
  expect(await listedNotes(server.request, token)).toHaveLength(5);
  expect(await done('user', 'list')).toMatchObject({ users: [{}] });
});

test('a database that is broken beyond reading is replaced, and kept with its write-ahead log', async () => {
  const token = await backedUp();
  writeFileSync(host.database, 'no database'.repeat(1000));
  writeFileSync(`${host.database}-wal`, 'nor a log');
  const { kept } = await done('restore', backup);
  expect(readFileSync(`${kept}-wal`, 'utf8')).toBe('nor a log');
  expect(readFileSync(String(kept), 'utf8')).toMatch(/^no database/);
  const server = await host.start();
  expect(await listedNotes(server.request, token)).toHaveLength(5);
});

function spoilToFolder(): void {
  rmSync(backup);
  mkdirSync(backup);
}

function plant(sql: string): void {
  const session = new DatabaseSync(backup, { enableForeignKeyConstraints: false });
  session.exec(sql);
  session.close();
}
