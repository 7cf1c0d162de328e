CREATE TABLE activities (
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
) STRICT;

CREATE INDEX activities_by_user ON activities (user_id, id);

CREATE TABLE notes (
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
) STRICT;

CREATE INDEX notes_by_time ON notes (user_id, created_at, id);

CREATE TABLE realtime_channel (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    head_seq INTEGER NOT NULL,
    head_tag TEXT NOT NULL,
    head_time INTEGER NOT NULL
  );

CREATE INDEX realtime_channel_head_time ON realtime_channel (head_time);

CREATE TABLE realtime_log (
    channel_id INTEGER NOT NULL REFERENCES realtime_channel (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    tag TEXT NOT NULL,
    time INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (channel_id, seq)
  ) WITHOUT ROWID;

CREATE TABLE realtime_origin (origin TEXT NOT NULL);

CREATE TABLE removed_identities (
  identity_hash TEXT PRIMARY KEY,
  removed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT;

CREATE TABLE tasks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL REFERENCES users (id),
  content TEXT NOT NULL,
  status TEXT NOT NULL,
  priority INTEGER NOT NULL,
  due_date INTEGER,
  tags TEXT NOT NULL,
  parent_id INTEGER REFERENCES tasks (id),
  note_id INTEGER REFERENCES notes (id),
  topic_id INTEGER,
  processing_status TEXT NOT NULL,
  enrichment_data TEXT,
  processed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

CREATE INDEX tasks_by_note ON tasks (note_id) WHERE note_id IS NOT NULL;

CREATE INDEX tasks_by_parent ON tasks (parent_id, priority DESC, due_date, id) WHERE parent_id IS NOT NULL;

CREATE INDEX tasks_by_status ON tasks (user_id, status, priority DESC, due_date, id);

CREATE INDEX tasks_by_topic ON tasks (topic_id, priority DESC, due_date, id) WHERE topic_id IS NOT NULL;

CREATE INDEX tasks_in_order ON tasks (user_id, priority DESC, due_date, id);

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  username_folded TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  token_generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
, tokens_revoked_at INTEGER, issuer TEXT, subject TEXT, removed_at INTEGER) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX users_by_identity ON users (issuer, subject) WHERE issuer IS NOT NULL;

CREATE INDEX users_by_removal ON users (removed_at) WHERE removed_at IS NOT NULL;
