import type { Transaction } from '@friday/realtime';
import type { ExpressionBuilder, Generated, Selectable } from 'kysely';
import { offsetOf, type Page, type PageRequest } from '../../domain/page.ts';
import type { ProcessingStatus } from '../../domain/processing-status.ts';
import { TASK_PRIORITIES, type Task, type TaskDraft, type TaskPriority, type TaskStatus } from '../../domain/task.ts';
import type { ClearedReference, TaskFilter, TaskRepository } from '../../domain/task-ports.ts';
import type { Versioned } from '../../domain/version.ts';
import type { Database, Tables } from './sqlite-database.ts';

/** Where a priority stands in the list of them. */
const PRIORITY_RANK = { low: 0, medium: 1, high: 2, urgent: 3 } as const satisfies Record<TaskPriority, number>;
type PriorityRank = (typeof PRIORITY_RANK)[TaskPriority];

interface TaskTable {
  readonly id: Generated<number>;
  readonly user_id: string;
  readonly content: string;
  readonly status: TaskStatus;
  readonly priority: PriorityRank;
  readonly due_date: number | null;
  /** JSON, as enrichment_data. */
  readonly tags: string;
  readonly parent_id: number | null;
  readonly note_id: number | null;
  readonly topic_id: number | null;
  readonly processing_status: ProcessingStatus;
  readonly enrichment_data: string | null;
  readonly processed_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly version: number;
}

interface Schema {
  readonly tasks: TaskTable;
}

const COLUMN = { noteId: 'note_id', topicId: 'topic_id' } as const;

/** Tasks in SQL. */
export class SqlTaskRepository implements TaskRepository<Transaction> {
  readonly #tables: Tables<Schema>;

  constructor(database: Database) {
    this.#tables = database.tables();
  }

  async insert(tx: Transaction, draft: TaskDraft): Promise<Task> {
    const { id } = await this.#tables(tx).insertInto('tasks').values(toRow(draft)).returning('id').executeTakeFirstOrThrow();
    return { id, ...draft };
  }

  async find(userId: string, id: number, tx?: Transaction): Promise<Task | undefined> {
    const query = this.#tables(tx).selectFrom('tasks').selectAll().where('id', '=', id).where('user_id', '=', userId);
    const row = await query.executeTakeFirst();
    return row && fromRow(row);
  }

  async list(userId: string, filter: TaskFilter, page: PageRequest): Promise<Page<Task>> {
    const matching = this.#tables()
      .selectFrom('tasks')
      .where('user_id', '=', userId)
      .where((sql) => sql.and(conditions(sql, filter)));
    const rows = await matching
      .selectAll()
      .orderBy('priority', 'desc')
      .orderBy('due_date', (order) => order.asc().nullsFirst())
      .orderBy('id')
      .limit(page.size)
      .offset(offsetOf(page))
      .execute();
    const { total } = await matching.select((sql) => sql.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    return { items: rows.map(fromRow), total };
  }

  async update(tx: Transaction, task: Task): Promise<void> {
    await this.#tables(tx).updateTable('tasks').set(toRow(task)).where('id', '=', task.id).execute();
  }

  async isWithin(tx: Transaction, id: number, otherId: number): Promise<boolean> {
    const found = await this.#tables(tx)
      .withRecursive('lineage', (sql) =>
        sql
          .selectFrom('tasks')
          .select(['id', 'parent_id'])
          .where('id', '=', id)
          .union(
            sql.selectFrom('tasks').innerJoin('lineage', 'lineage.parent_id', 'tasks.id').select(['tasks.id', 'tasks.parent_id']),
          ),
      )
      .selectFrom('lineage')
      .select('id')
      .where('id', '=', otherId)
      .executeTakeFirst();
    return found !== undefined;
  }

  async family(tx: Transaction, id: number, limit: number): Promise<readonly Versioned[]> {
    return this.#tables(tx)
      .withRecursive('family(id, version, depth)', (sql) =>
        sql
          .selectFrom('tasks')
          .select((column) => ['id', 'version', column.lit<number>(0).as('depth')])
          .where('id', '=', id)
          .unionAll(
            sql
              .selectFrom('tasks')
              .innerJoin('family', 'family.id', 'tasks.parent_id')
              .select((column) => ['tasks.id', 'tasks.version', column('family.depth', '+', column.lit(1)).as('depth')]),
          )
          // Within, it ends the search; SQLite takes what it found first on first, so each level before the next.
          .limit(limit),
      )
      .selectFrom('family')
      .select(['id', 'version'])
      .orderBy('depth')
      .orderBy('id')
      .execute();
  }

  async deleteFamily(tx: Transaction, id: number): Promise<void> {
    // One statement, at the end of which no row refers to one that is gone.
    await this.#tables(tx)
      .withRecursive('family', (sql) =>
        sql
          .selectFrom('tasks')
          .select('id')
          .where('id', '=', id)
          .union(sql.selectFrom('tasks').innerJoin('family', 'family.id', 'tasks.parent_id').select('tasks.id')),
      )
      .deleteFrom('tasks')
      .where('id', 'in', (sql) => sql.selectFrom('family').select('id'))
      .execute();
  }

  async clearReference(tx: Transaction, cleared: ClearedReference, limit: number): Promise<readonly Versioned[]> {
    const { userId, field, id, now } = cleared;
    const rows = await this.#tables(tx)
      .updateTable('tasks')
      .set((sql) => ({ [COLUMN[field]]: null, updated_at: now, version: sql('version', '+', 1) }))
      .where('id', 'in', (sql) =>
        sql.selectFrom('tasks').select('id').where(COLUMN[field], '=', id).where('user_id', '=', userId).limit(limit),
      )
      .returning(['id', 'version'])
      .execute();
    return rows.toSorted((a, b) => a.id - b.id);
  }
}

function conditions(sql: ExpressionBuilder<Schema, 'tasks'>, filter: TaskFilter) {
  const { status, priority, dueBefore, dueAfter, parentId, topicId } = filter;
  return [
    status === undefined ? [] : sql('status', '=', status),
    priority === undefined ? [] : sql('priority', '=', PRIORITY_RANK[priority]),
    dueBefore === undefined ? [] : sql('due_date', '<=', dueBefore),
    dueAfter === undefined ? [] : sql('due_date', '>=', dueAfter),
    parentId === undefined ? [] : sql('parent_id', '=', parentId),
    topicId === undefined ? [] : sql('topic_id', '=', topicId),
  ].flat();
}

function toRow(task: TaskDraft) {
  return {
    user_id: task.userId,
    content: task.content,
    status: task.status,
    priority: PRIORITY_RANK[task.priority],
    due_date: task.dueDate,
    tags: JSON.stringify(task.tags),
    parent_id: task.parentId,
    note_id: task.noteId,
    topic_id: task.topicId,
    processing_status: task.processingStatus,
    enrichment_data: task.enrichmentData && JSON.stringify(task.enrichmentData),
    processed_at: task.processedAt,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
    version: task.version,
  };
}

function fromRow(row: Selectable<TaskTable>): Task {
  return {
    id: row.id,
    userId: row.user_id,
    content: row.content,
    status: row.status,
    priority: TASK_PRIORITIES[row.priority],
    dueDate: row.due_date,
    tags: JSON.parse(row.tags),
    parentId: row.parent_id,
    noteId: row.note_id,
    topicId: row.topic_id,
    processingStatus: row.processing_status,
    enrichmentData: row.enrichment_data === null ? null : JSON.parse(row.enrichment_data),
    processedAt: row.processed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
