import type { Migration } from '../migrate.ts';

export const REMOVALS_MIGRATION: Migration = {
  id: 7,
  name: 'removals',
  up: [
    // A user with many rows is removed in many transactions: the first of them says so here, the last takes the row.
    'ALTER TABLE users ADD COLUMN removed_at INTEGER',
    'CREATE INDEX users_by_removal ON users (removed_at) WHERE removed_at IS NOT NULL',
  ],
};
