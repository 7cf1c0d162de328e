import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRealtime, SqlChangeLog, systemClock, userChannel, type WebSocketManager } from '@friday/realtime';
import type { Actor } from '../../src/domain/actor.ts';
import { SqlActivityRepository } from '../../src/infrastructure/database/activity.repository.ts';
import { SqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import { SqliteUnitOfWork } from '../../src/infrastructure/database/sqlite-unit-of-work.ts';
import { openStorage, type Storage } from '../../src/infrastructure/database/storage.ts';
import { allMigrations } from '../../src/migrations.ts';

/** Activities on a real database file and a real log, without HTTP: for what no request can bring about yet. */
export interface ActivityParts {
  /** A user that exists. */
  readonly owner: Actor;
  readonly activities: SqlActivityRepository;
  readonly unitOfWork: SqliteUnitOfWork;
  readonly notifications: WebSocketManager;
  /** What was announced to the owner, in order. */
  announced(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

const OWNER: Actor = { userId: '7a1f1f0e-0b1c-4a52-8d0e-9d8c0f7f1a01', origin: 'a-client' };
const NEW_USER = `INSERT INTO users (id, username, username_folded, key_id, secret_hash, token_generation, created_at, updated_at)
  VALUES (?, 'owner', 'owner', 'key', 'hash', 0, 0, 0)`;

/** Opens them, in a folder of their own. */
export function openActivities(): ActivityParts {
  const folder = mkdtempSync(join(tmpdir(), 'friday-'));
  const storage = openStorage(join(folder, 'friday.db'), allMigrations());
  storage.writer.run(NEW_USER, [OWNER.userId]);
  const database = new SqliteDatabase(storage.writer, storage.reader);
  const log = new SqlChangeLog({ reader: storage.reader, clock: systemClock });
  const principal = { userId: OWNER.userId, channels: [userChannel(OWNER.userId)], expiresAt: Number.MAX_SAFE_INTEGER };
  const realtime = createRealtime({ log, authenticator: { authenticate: () => principal } });
  const unitOfWork = new SqliteUnitOfWork(database, {
    session: storage.writer,
    append: (session, units) => log.append(session, units),
    onCommitted: (entries) => realtime.service.committed(entries),
  });
  return {
    owner: OWNER,
    activities: new SqlActivityRepository(database),
    unitOfWork,
    notifications: realtime.service,
    announced: async () => {
      const [head] = await log.heads(principal.channels);
      const rows = await log.read(userChannel(OWNER.userId), 0, head?.seq ?? 0);
      return rows.map(({ json }) => JSON.parse(json) as unknown);
    },
    close: async () => {
      await realtime.close();
      await unitOfWork.settled();
      storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A body that creates an activity. */
export const GIVEN_ACTIVITY = {
  name: 'Run',
  description: 'Outdoors',
  activity_schema: { type: 'object', properties: { km: { type: 'number' } }, required: ['km'], additionalProperties: false },
  icon: '🏃',
  color: '#2E7d32',
};

/** Leaves a server's activity as background work will. */
export function setProcessed({ writer }: Storage, id: number, status: string): void {
  const done = status === 'completed';
  const render = done ? JSON.stringify({ title: 'Run', formatted: '{km} km' }) : null;
  const sql = 'UPDATE activities SET processing_status = ?, schema_render = ?, processed_at = ? WHERE id = ?';
  writer.run(sql, [status, render, done ? 1_000 : null, id]);
}
