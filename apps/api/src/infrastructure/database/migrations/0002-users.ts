import type { Migration } from '../migrate.ts';

export const USERS_MIGRATION: Migration = {
  id: 2,
  name: 'users',
  up: [
    `CREATE TABLE users (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  username_folded TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  token_generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
  ],
};
