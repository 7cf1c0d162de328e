import type { Migration } from '../migrate.ts';

export const ACTIVITIES_MIGRATION: Migration = {
  id: 5,
  name: 'activities',
  up: [
    // AUTOINCREMENT: a number is never given twice, so a client's cached version of a deleted activity cannot match a new one.
    `CREATE TABLE activities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  activity_schema TEXT NOT NULL,
  icon TEXT NOT NULL,
  color TEXT NOT NULL,
  processing_status TEXT NOT NULL,
  schema_render TEXT,
  processed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER,
  version INTEGER NOT NULL
) STRICT`,
    'CREATE INDEX activities_by_user ON activities (user_id, id)',
  ],
};
