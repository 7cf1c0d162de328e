import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRealtime, type Principal, type Realtime, SqlChangeLog, systemClock, userChannel } from '@friday/realtime';
import type { Actor } from '../../src/domain/actor.ts';
import type { TaskTopic, TopicLookup } from '../../src/domain/task-ports.ts';
import { SqlNoteRepository } from '../../src/infrastructure/database/note.repository.ts';
import { SqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import { SqliteUnitOfWork } from '../../src/infrastructure/database/sqlite-unit-of-work.ts';
import { openStorage, type Storage } from '../../src/infrastructure/database/storage.ts';
import { SqlTaskRepository } from '../../src/infrastructure/database/task.repository.ts';
import { allMigrations } from '../../src/migrations.ts';
import { ChangeAnnouncer } from '../../src/services/changes.ts';
import { Dependents } from '../../src/services/dependents.ts';
import { TaskService } from '../../src/services/task.service.ts';
import { TaskLinks } from '../../src/services/task-links.ts';

/** Tasks on a real database file and a real log, without HTTP: with topics, which no request can bring about yet. */
export interface TaskParts {
  /** Two users that exist. */
  readonly anna: Actor;
  readonly bert: Actor;
  readonly storage: Storage;
  readonly realtime: Realtime;
  readonly principal: Principal;
  readonly tasks: SqlTaskRepository;
  readonly unitOfWork: SqliteUnitOfWork;
  readonly service: TaskService;
  readonly dependents: Dependents;
  /** How often topics were looked up. */
  topicLookups(): number;
  /** What was announced to the first user, in order. */
  announced(): Promise<readonly Announcement[]>;
  close(): Promise<void>;
}

/** A notification as the log keeps it. */
export interface Announcement {
  readonly type: string;
  readonly resource?: { readonly id: number; readonly version: number };
  readonly changed?: readonly string[];
  readonly origin?: string;
  readonly data?: unknown;
}

const ANNA: Actor = { userId: '7a1f1f0e-0b1c-4a52-8d0e-9d8c0f7f1a01', origin: 'a-client' };
const BERT: Actor = { userId: '7a1f1f0e-0b1c-4a52-8d0e-9d8c0f7f1a02', origin: undefined };
const NEW_USER = `INSERT INTO users (id, username, username_folded, key_id, secret_hash, token_generation, created_at, updated_at)
  VALUES (?1, ?1, ?1, ?1, 'hash', 0, 0, 0)`;

/** Opens them, in a folder of their own. @param topics that exist. */
export function openTasks(topics: readonly TaskTopic[] = []): TaskParts {
  const folder = mkdtempSync(join(tmpdir(), 'friday-'));
  const storage = openStorage(join(folder, 'friday.db'), allMigrations());
  for (const { userId } of [ANNA, BERT]) storage.writer.run(NEW_USER, [userId]);
  const database = new SqliteDatabase(storage.writer, storage.reader);
  const log = new SqlChangeLog({ reader: storage.reader, clock: systemClock });
  const principal = { userId: ANNA.userId, channels: [userChannel(ANNA.userId)], expiresAt: Number.MAX_SAFE_INTEGER };
  const realtime = createRealtime({ log, authenticator: { authenticate: () => principal } });
  const unitOfWork = new SqliteUnitOfWork(database, {
    session: storage.writer,
    append: (session, units) => log.append(session, units),
    onCommitted: (entries) => realtime.service.committed(entries),
  });
  const tasks = new SqlTaskRepository(database);
  const lookup = new ListedTopics(topics);
  const dependents = new Dependents();
  const service = new TaskService({
    tasks,
    links: new TaskLinks({ tasks, notes: new SqlNoteRepository(database), topics: lookup }),
    unitOfWork,
    changes: new ChangeAnnouncer(realtime.service, { kind: 'task', collection: '/v1/tasks' }),
    dependents,
    clock: systemClock,
  });
  return {
    anna: ANNA,
    bert: BERT,
    storage,
    realtime,
    principal,
    tasks,
    unitOfWork,
    service,
    dependents,
    topicLookups: () => lookup.asked,
    announced: async () => {
      const [head] = await log.heads(principal.channels);
      const rows = await log.read(userChannel(ANNA.userId), 0, head?.seq ?? 0);
      return rows.map(({ json }) => JSON.parse(json) as Announcement);
    },
    close: async () => {
      await realtime.close();
      await unitOfWork.settled();
      storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A topic of the first user's. */
export function topic(id: number, name: string, userId = ANNA.userId): TaskTopic {
  return { id, userId, name, icon: '📁', createdAt: 0, updatedAt: null };
}

/** Topics that are given, until Friday keeps some. */
class ListedTopics implements TopicLookup<unknown> {
  asked = 0;
  readonly #topics: readonly TaskTopic[];

  constructor(topics: readonly TaskTopic[]) {
    this.#topics = topics;
  }

  async findAll(userId: string, ids: readonly number[]): Promise<readonly TaskTopic[]> {
    this.asked += 1;
    return this.#topics.filter((known) => known.userId === userId && ids.includes(known.id));
  }
}

/** Leaves a server's task as background work will. @returns what clients then see of it. */
export function setProcessed({ writer }: Storage, id: number) {
  const enrichment = { title: 'A task', metadata: { priority: 'high' } };
  const sql = "UPDATE tasks SET processing_status = 'completed', enrichment_data = ?, processed_at = ? WHERE id = ?";
  writer.run(sql, [JSON.stringify(enrichment), 1_000, id]);
  return { processing_status: 'completed', enrichment_data: enrichment, processed_at: '1970-01-01T00:00:01Z' };
}

/** What clients see of a task that is yet to be processed. */
export const UNPROCESSED_TASK = { processing_status: 'pending', enrichment_data: null, processed_at: null };
