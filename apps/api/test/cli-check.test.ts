/** `friday check` finds damage of each kind, and nothing in a database that is whole. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { JSON_COLUMNS } from '../src/cli/database/json-columns.ts';
import { runCommand } from '../src/cli/run.ts';
import { RESOURCES } from '../src/resource-list.ts';
import { friday } from './support/command.ts';
import { startTestServer } from './support/server.ts';

interface Finding {
  readonly code: string;
  readonly where: string;
  readonly message: string;
}

let whole: string;
let userId: string;
let folder: string;
let database: string;

/** A database with two users' rows of every kind of resource, and an announcement. */
beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), 'friday-whole-'));
  const server = await startTestServer();
  const users = [await server.register(), await server.register()];
  userId = users[0]?.id ?? '';
  for (const { token } of users) {
    for (const { collection, examples } of RESOURCES) {
      for (let count = 0; count < 3; count += 1) {
        expect((await server.request('POST', collection, { token, body: examples.create })).status).toBe(201);
      }
    }
  }
  const settings = { FRIDAY_DATABASE_URL: `sqlite:${server.storage.reader.database.location()}` };
  await runCommand(['announce', 'Hello'], settings);
  await runCommand(['backup', join(whole, 'whole.db')], settings);
  await server.close();
});
afterAll(() => rmSync(whole, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-check-'));
  database = join(folder, 'friday.db');
  copyFileSync(join(whole, 'whole.db'), database);
});
afterEach(() => rmSync(folder, { recursive: true }));

function change(sql: string): void {
  // Without SQLite's own protection, or the damage could not be done.
  const session = new DatabaseSync(database, { enableForeignKeyConstraints: false });
  session.exec(sql.replaceAll('USER', userId));
  session.close();
}

async function check(): Promise<{ exitCode: number; findings: Finding[]; more: boolean; ok: boolean }> {
  const { exitCode, out } = await runCommand(['check', '--json'], { FRIDAY_DATA_DIR: folder });
  return { exitCode, ...JSON.parse(out) };
}

const LOG = "channel_id = (SELECT id FROM realtime_channel WHERE key = 'user:USER')";

test('a whole database is called whole, and counted', async () => {
  const { exitCode, out } = await friday(['check'], { FRIDAY_DATA_DIR: folder });
  expect(out).toBe(`${database} is whole: 2 users, 3 channels, ${6 * RESOURCES.length + 1} notifications\n`);
  expect(exitCode).toBe(0);
  const other = await runCommand(['check', database], { FRIDAY_DATA_DIR: join(folder, 'elsewhere') });
  expect(other.out).toBe(out);
});

test('what retention has removed is not missing', async () => {
  change(`DELETE FROM realtime_log WHERE ${LOG} AND seq <= 4; DELETE FROM realtime_log WHERE NOT ${LOG}`);
  expect(await check()).toMatchObject({ exitCode: 0, ok: true, findings: [] });
});

test.each([
  ['reference', /notes/, `UPDATE notes SET user_id = 'nobody' WHERE id = 1`],
  ['reference', /realtime_log/, `DELETE FROM realtime_channel WHERE key = 'broadcast'`],
  ['origin', /realtime_origin/, 'DELETE FROM realtime_origin'],
  ['head_seq', /user:/, `UPDATE realtime_channel SET head_seq = head_seq + 1 WHERE key = 'user:USER'`],
  ['head_seq', /user:/, `DELETE FROM realtime_log WHERE ${LOG} AND seq = (SELECT max(seq) FROM realtime_log WHERE ${LOG})`],
  ['head_seq', /broadcast/, "UPDATE realtime_channel SET head_seq = 0 WHERE key = 'broadcast'"],
  ['head_tag', /broadcast/, "UPDATE realtime_channel SET head_tag = 'AAAAAAAA' WHERE key = 'broadcast'"],
  ['head_time', /broadcast/, "UPDATE realtime_channel SET head_time = head_time + 1 WHERE key = 'broadcast'"],
  ['log_gap', /user:/, `DELETE FROM realtime_log WHERE ${LOG} AND seq = 2`],
  ['log_time', /user:.*\.3$/, `UPDATE realtime_log SET time = time - 60000 WHERE ${LOG} AND seq = 3`],
  ['json', /user:.*\.2$/, `UPDATE realtime_log SET content = '{"type":' WHERE ${LOG} AND seq = 2`],
  ['json', /user:.*\.2$/, `UPDATE realtime_log SET content = '[1]' WHERE ${LOG} AND seq = 2`],
  ['json', /notes row 1/, `UPDATE notes SET attachments = 'none' WHERE id = 1`],
  ['json', /activities row 2/, `UPDATE activities SET activity_schema = '{' WHERE id = 2`],
])('%s is found at %s', async (code, where, sql) => {
  change(sql);
  const { exitCode, ok, findings } = await check();
  expect([exitCode, ok]).toEqual([4, false]);
  expect(findings).toEqual([{ code, where: expect.stringMatching(where), message: expect.stringMatching(/./) }]);
});

test('a channel whose user is gone is found', async () => {
  change("INSERT INTO realtime_channel (key, head_seq, head_tag, head_time) VALUES ('user:gone', 1, 'AAAAAAAA', 1)");
  const { out, exitCode } = await runCommand(['check'], { FRIDAY_DATA_DIR: folder });
  expect([exitCode, out]).toEqual([4, 'channel_orphan: user:gone: belongs to no user\n']);
});

test('an index that has lost its entries is found', async () => {
  const session = new DatabaseSync(database);
  const { rootpage } = session.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'notes_by_time'").get() ?? {};
  const { page_size: size } = session.prepare('PRAGMA page_size').get() ?? {};
  session.close();
  const bytes = readFileSync(database);
  // An empty leaf of an index, of which nothing follows the header. Source: sqlite.org/fileformat2.html, "B-tree Pages"
  const start = (Number(rootpage) - 1) * Number(size);
  bytes.writeUInt16BE(0, start + 3);
  bytes.writeUInt16BE(Number(size), start + 5);
  writeFileSync(database, bytes);
  const { exitCode, findings } = await check();
  expect(exitCode).toBe(4);
  expect(findings).toContainEqual({ code: 'storage', where: 'file', message: expect.stringContaining('notes_by_time') });
});

test('a file too broken to be read to its end is found, and not counted', async () => {
  const session = new DatabaseSync(database);
  const { rootpage } = session.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'realtime_log'").get() ?? {};
  const { page_size: size } = session.prepare('PRAGMA page_size').get() ?? {};
  session.close();
  const bytes = readFileSync(database);
  bytes.fill(0xff, (Number(rootpage) - 1) * Number(size), Number(rootpage) * Number(size));
  writeFileSync(database, bytes);
  const { exitCode, findings, more } = await check();
  expect([exitCode, more]).toEqual([4, true]);
  expect(findings).toEqual([{ code: 'storage', where: 'file', message: expect.stringContaining('malformed') }]);
});

test('of many findings the first are listed', async () => {
  change(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
    INSERT INTO realtime_channel (key, head_seq, head_tag, head_time) SELECT 'user:gone-' || i, 1, 'AAAAAAAA', 1 FROM n`);
  const { findings, more } = await check();
  expect([findings.length, more]).toEqual([20, true]);
  const { out } = await runCommand(['check'], { FRIDAY_DATA_DIR: folder });
  expect(out).toMatch(/\nand more\n$/);
});

test('every column in which resources keep JSON is among those that are checked', () => {
  const session = new DatabaseSync(database, { readOnly: true });
  const columns = session
    .prepare(
      `SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND c.type = 'TEXT' AND t.name NOT LIKE 'realtime_%'`,
    )
    .all();
  const holdsJson = ({ table, column }: Record<string, unknown>) => {
    const found = session.prepare(
      `SELECT count(*) AS n FROM ${table} WHERE json_valid(${column}) AND json_type(${column}) IN ('object', 'array')`,
    );
    return Number(found.get()?.['n']) > 0;
  };
  const unchecked = columns.filter(
    (each) => holdsJson(each) && !JSON_COLUMNS[String(each['table'])]?.includes(String(each['column'])),
  );
  session.close();
  expect(unchecked).toEqual([]);
});
