import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draftNote } from '../../domain/note.ts';
import { allMigrations } from '../../migrations.ts';
import { showNote } from '../../schemas/note.schema.ts';
import { SqlNoteRepository } from './note.repository.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { SqliteUnitOfWork } from './sqlite-unit-of-work.ts';
import { openStorage, type Storage } from './storage.ts';

const DAY = 86_400_000;
let folder: string;
let storage: Storage;
let notes: SqlNoteRepository;
let unitOfWork: SqliteUnitOfWork;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  storage = openStorage(join(folder, 'test.db'), allMigrations());
  const database = new SqliteDatabase(storage.writer, storage.reader);
  notes = new SqlNoteRepository(database);
  unitOfWork = new SqliteUnitOfWork(database, {
    session: storage.writer,
    append: () => Promise.resolve([]),
    onCommitted: () => undefined,
  });
  const columns = 'id, username, username_folded, key_id, secret_hash, token_generation, created_at, updated_at';
  storage.writer.run(`INSERT INTO users (${columns}) VALUES ('anna', 'anna', 'anna', 'key', 'hash', 0, 0, 0)`, []);
});
afterEach(() => {
  storage.close();
  rmSync(folder, { recursive: true });
});

const insert = (content: string, now: number) =>
  unitOfWork.run((tx) => notes.insert(tx, draftNote('anna', { content, attachments: [] }, now)));

test('what processing writes comes back as it was, and is shown', async () => {
  const note = await insert('a', DAY);
  const enrichmentData = { title: 'A', metadata: { tokens: 1.5, list: [null] } };
  const processed = {
    ...note,
    processingStatus: 'completed',
    enrichmentData,
    processedAt: 2 * DAY,
    updatedAt: 2 * DAY,
    version: 2,
  } as const;
  await unitOfWork.run((tx) => notes.update(tx, processed));
  expect(await notes.find('anna', note.id)).toEqual(processed);
  expect(showNote(processed)).toMatchObject({
    enrichment_data: enrichmentData,
    processed_at: '1970-01-03T00:00:00Z',
    updated_at: '1970-01-03T00:00:00Z',
  });
});

test('within a transaction its own writes are seen', async () => {
  await unitOfWork.run(async (tx) => {
    const note = await notes.insert(tx, draftNote('anna', { content: 'a', attachments: [] }, 0));
    expect(await notes.find('anna', note.id, tx)).toEqual(note);
    expect(await notes.find('anna', note.id)).toBeUndefined();
    await notes.delete(tx, note);
    expect(await notes.find('anna', note.id, tx)).toBeUndefined();
  });
});

test('a list is newest first by the time of writing, then by number', async () => {
  const [late, early, first, second] = [
    await insert('late', 3),
    await insert('early', 1),
    await insert('first', 2),
    await insert('second', 2),
  ];
  const { items, total } = await notes.list('anna', { page: 1, size: 10 });
  expect(items.map(({ id }) => id)).toEqual([late.id, second.id, first.id, early.id]);
  expect(total).toBe(4);
  expect((await notes.list('anna', { page: 2, size: 3 })).items.map(({ id }) => id)).toEqual([early.id]);
  expect(await notes.list('berta', { page: 1, size: 10 })).toEqual({ items: [], total: 0 });
});

test('a list of one user is read by index, whatever the number of others', () => {
  const plan = storage.reader.all<{ detail: string }>(
    "EXPLAIN QUERY PLAN SELECT * FROM notes WHERE user_id = 'anna' ORDER BY created_at DESC, id DESC LIMIT 50",
    [],
  );
  expect(plan.map(({ detail }) => detail)).toEqual(['SEARCH notes USING INDEX notes_by_time (user_id=?)']);
});
