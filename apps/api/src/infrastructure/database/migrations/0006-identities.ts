import type { Migration } from '../migrate.ts';

export const IDENTITIES_MIGRATION: Migration = {
  id: 6,
  name: 'identities',
  up: [
    'ALTER TABLE users ADD COLUMN tokens_revoked_at INTEGER',
    'ALTER TABLE users ADD COLUMN issuer TEXT',
    'ALTER TABLE users ADD COLUMN subject TEXT',
    'CREATE UNIQUE INDEX users_by_identity ON users (issuer, subject) WHERE issuer IS NOT NULL',
    // Their issuer goes on to vouch for users who were removed here; this ends the tokens from before, and says no more of them.
    `CREATE TABLE removed_identities (
  identity_hash TEXT PRIMARY KEY,
  removed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
  ],
};
