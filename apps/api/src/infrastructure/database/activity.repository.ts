import type { Transaction } from '@friday/realtime';
import type { Generated, Selectable } from 'kysely';
import type { Activity, ActivityDraft, ActivityRepository } from '../../domain/activity.ts';
import { offsetOf, type Page, type PageRequest } from '../../domain/page.ts';
import type { ProcessingStatus } from '../../domain/processing-status.ts';
import type { Database, Tables } from './sqlite-database.ts';

interface ActivityTable {
  readonly id: Generated<number>;
  readonly user_id: string;
  readonly name: string;
  readonly description: string;
  /** JSON, as schema_render. */
  readonly activity_schema: string;
  readonly icon: string;
  readonly color: string;
  readonly processing_status: ProcessingStatus;
  readonly schema_render: string | null;
  readonly processed_at: number | null;
  readonly created_at: number;
  readonly updated_at: number | null;
  readonly version: number;
}

/** Activities in SQL. */
export class SqlActivityRepository implements ActivityRepository<Transaction> {
  readonly #tables: Tables<{ activities: ActivityTable }>;

  constructor(database: Database) {
    this.#tables = database.tables();
  }

  async insert(tx: Transaction, draft: ActivityDraft): Promise<Activity> {
    const query = this.#tables(tx).insertInto('activities').values(toRow(draft)).returning('id');
    const { id } = await query.executeTakeFirstOrThrow();
    return { id, ...draft };
  }

  async find(userId: string, id: number, tx?: Transaction): Promise<Activity | undefined> {
    const query = this.#tables(tx).selectFrom('activities').selectAll().where('id', '=', id).where('user_id', '=', userId);
    const row = await query.executeTakeFirst();
    return row && fromRow(row);
  }

  async list(userId: string, page: PageRequest): Promise<Page<Activity>> {
    const own = this.#tables().selectFrom('activities').where('user_id', '=', userId);
    const rows = await own.selectAll().orderBy('id').limit(page.size).offset(offsetOf(page)).execute();
    const { total } = await own.select((sql) => sql.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    return { items: rows.map(fromRow), total };
  }

  async update(tx: Transaction, activity: Activity): Promise<void> {
    await this.#tables(tx).updateTable('activities').set(toRow(activity)).where('id', '=', activity.id).execute();
  }

  async delete(tx: Transaction, activity: Activity): Promise<void> {
    await this.#tables(tx).deleteFrom('activities').where('id', '=', activity.id).execute();
  }
}

function toRow(activity: ActivityDraft) {
  return {
    user_id: activity.userId,
    name: activity.name,
    description: activity.description,
    activity_schema: JSON.stringify(activity.activitySchema),
    icon: activity.icon,
    color: activity.color,
    processing_status: activity.processingStatus,
    schema_render: activity.schemaRender && JSON.stringify(activity.schemaRender),
    processed_at: activity.processedAt,
    created_at: activity.createdAt,
    updated_at: activity.updatedAt,
    version: activity.version,
  };
}

function fromRow(row: Selectable<ActivityTable>): Activity {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    description: row.description,
    activitySchema: JSON.parse(row.activity_schema),
    icon: row.icon,
    color: row.color,
    processingStatus: row.processing_status,
    schemaRender: row.schema_render === null ? null : JSON.parse(row.schema_render),
    processedAt: row.processed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
