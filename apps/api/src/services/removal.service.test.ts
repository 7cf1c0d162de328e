import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWriter, SqliteSession, type SqlValue } from '@friday/realtime';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Core, composeCore } from '../composition.ts';
import { readConfig } from '../config.ts';
import { openStorage, type Storage } from '../infrastructure/database/storage.ts';
import { allMigrations } from '../migrations.ts';

/** Rows that one transaction of a removal may touch: a slice, and a little for the user and what is announced. */
const MOST_ROWS = 1_010;

/** A connection that counts the rows that each transaction touches. */
class CountingSession extends SqliteSession {
  readonly counts: number[] = [];

  override run<Row>(sql: string, parameters: readonly SqlValue[] = []): { rows: Row[]; changes: number } {
    const result = super.run<Row>(sql, parameters);
    if (sql.startsWith('BEGIN')) this.counts.push(0);
    // The database's own count: what a statement that began with WITH or had rows to return did is in it, too.
    else if (/DELETE|UPDATE|INSERT/i.test(sql)) this.counts.push((this.counts.pop() ?? 0) + this.#changes());
    return result;
  }

  #changes(): number {
    return super.run<{ changes: number }>('SELECT changes() AS changes').rows[0]?.changes ?? 0;
  }
}

let folder: string;
let storage: Storage;
let writer: CountingSession;
let core: Core;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  const path = join(folder, 'friday.db');
  storage = openStorage(path, allMigrations());
  writer = new CountingSession(openWriter(path).database);
  const { reader } = storage;
  const config = readConfig({});
  core = composeCore({ config, logger: pino({ level: 'silent' }), storage: { writer, reader }, secret: Buffer.alloc(32, 1) });
});
afterEach(async () => {
  await core.unitOfWork.settled();
  await core.realtime.close(0);
  writer.close();
  storage.close();
  rmSync(folder, { recursive: true });
});

const NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)';
const PUT_NOTES = `${NUMBERS} INSERT INTO notes (user_id, content, attachments, processing_status, created_at, version)
  SELECT ?1, 'a note', '[]', 'pending', 0, 1 FROM n`;
/** @param parent the expression of a task's parent, by its own place. */
const putTasks = (parent: string) => `${NUMBERS}
  INSERT INTO tasks (id, user_id, content, status, priority, tags, parent_id, note_id,
    processing_status, created_at, updated_at, version)
  SELECT i, ?1, 'a task', 'todo', 0, '[]', ${parent}, i, 'pending', 0, 0, 1 FROM n`;
const PUT_LOG = `${NUMBERS} INSERT INTO realtime_log SELECT (SELECT id FROM realtime_channel WHERE key = 'user:' || ?1), i, 'tag', 0, '{}' FROM n`;
const PUT_CHANNEL = "INSERT INTO realtime_channel (key, head_seq, head_tag, head_time) VALUES ('user:' || ?1, ?2, 'tag', 0)";

function put(userId: string, rows: number, parent: string): void {
  for (const sql of [PUT_NOTES, putTasks(parent), PUT_CHANNEL, PUT_LOG]) storage.writer.run(sql, [userId, rows]);
}

const count = (sql: string) => storage.reader.all<{ rows: number }>(`SELECT count(*) AS rows FROM ${sql}`)[0]?.rows;
const left = () => ['users', 'notes', 'tasks', "realtime_channel WHERE key <> 'revocation'"].map(count);

test.each([
  ['one below the other', 'nullif(i - 1, 0)'],
  ['one above the other', 'CASE WHEN i < ?2 THEN i + 1 END'],
  ['all below one', 'CASE WHEN i > 1 THEN 1 END'],
])(
  'a user with many rows, tasks %s, is removed in small transactions, between which others have theirs',
  async (_how, parent) => {
    const { user, userSecret } = await core.userService.add('anna');
    put(user.id, 3_500, parent);
    writer.counts.length = 0;
    const order: string[] = [];
    const removal = core.removals.remove(user.id).then(() => order.push('removed'));
    await core.userService.add('berta').then(() => order.push('added'));
    await expect(core.userService.exchange(userSecret)).rejects.toMatchObject({ code: 'api_key_invalid' });
    await expect(core.userService.get(user.id)).rejects.toMatchObject({ code: 'user_not_found' });
    await removal;
    expect(order).toEqual(['added', 'removed']);
    expect(left()).toEqual([1, 0, 0, 0]);
    expect(count('realtime_log')).toBe(1);
    expect(writer.counts.length).toBeGreaterThan(10);
    expect(Math.max(...writer.counts)).toBeLessThanOrEqual(MOST_ROWS);
  },
);

test('what an interruption left is finished, by whoever asks first', async () => {
  const [anna, berta] = [(await core.userService.add('anna')).user, (await core.userService.add('berta')).user];
  put(anna.id, 1_500, 'NULL');
  storage.writer.run('UPDATE users SET removed_at = 1');
  await core.removals.remove(berta.id);
  expect(left()).toEqual([1, 1_500, 1_500, 1]);
  await Promise.all([core.removals.finishAll(), core.removals.remove(anna.id)]);
  expect(left()).toEqual([0, 0, 0, 0]);
});

test('what is kept of users who are not there is forgotten, what is kept of others is not', async () => {
  const { user } = await core.userService.add('anna');
  for (const id of ['nobody', user.id]) {
    storage.writer.run(PUT_CHANNEL, [id, 1_200]);
    storage.writer.run(PUT_LOG, [id, 1_200]);
  }
  await core.removals.finishAll();
  expect(storage.reader.all('SELECT key FROM realtime_channel')).toEqual([{ key: `user:${user.id}` }]);
  expect(count('realtime_log')).toBe(1_200);
});
