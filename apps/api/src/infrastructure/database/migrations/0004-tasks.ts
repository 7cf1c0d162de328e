import type { Migration } from '../migrate.ts';

export const TASKS_MIGRATION: Migration = {
  id: 4,
  name: 'tasks',
  up: [
    // AUTOINCREMENT as with notes. Priorities are numbers, from 0, low, to 3, urgent, so that an index has the order of the lists.
    `CREATE TABLE tasks (
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
) STRICT`,
    'CREATE INDEX tasks_in_order ON tasks (user_id, priority DESC, due_date, id)',
    'CREATE INDEX tasks_by_status ON tasks (user_id, status, priority DESC, due_date, id)',
    'CREATE INDEX tasks_by_parent ON tasks (parent_id, priority DESC, due_date, id) WHERE parent_id IS NOT NULL',
    'CREATE INDEX tasks_by_note ON tasks (note_id) WHERE note_id IS NOT NULL',
    'CREATE INDEX tasks_by_topic ON tasks (topic_id, priority DESC, due_date, id) WHERE topic_id IS NOT NULL',
  ],
};
