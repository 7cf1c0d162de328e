import type { Migration } from '../migrate.ts';

export const NOTES_MIGRATION: Migration = {
  id: 3,
  name: 'notes',
  up: [
    // AUTOINCREMENT: a number is never given twice, so a client's cached version of a deleted note cannot match a new one.
    `CREATE TABLE notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL REFERENCES users (id),
  content TEXT NOT NULL,
  attachments TEXT NOT NULL,
  processing_status TEXT NOT NULL,
  enrichment_data TEXT,
  processed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER,
  version INTEGER NOT NULL
) STRICT`,
    'CREATE INDEX notes_by_time ON notes (user_id, created_at, id)',
  ],
};
