import type { Transaction } from '@friday/realtime';
import type { Generated, Selectable } from 'kysely';
import type { Note, NoteDraft, NoteRepository } from '../../domain/note.ts';
import { offsetOf, type Page, type PageRequest } from '../../domain/page.ts';
import type { ProcessingStatus } from '../../domain/processing-status.ts';
import type { Database, Tables } from './sqlite-database.ts';

interface NoteTable {
  readonly id: Generated<number>;
  readonly user_id: string;
  readonly content: string;
  /** JSON, as enrichment_data. */
  readonly attachments: string;
  readonly processing_status: ProcessingStatus;
  readonly enrichment_data: string | null;
  readonly processed_at: number | null;
  readonly created_at: number;
  readonly updated_at: number | null;
  readonly version: number;
}

/** Notes in SQL. */
export class SqlNoteRepository implements NoteRepository<Transaction> {
  readonly #tables: Tables<{ notes: NoteTable }>;

  constructor(database: Database) {
    this.#tables = database.tables();
  }

  async insert(tx: Transaction, draft: NoteDraft): Promise<Note> {
    const { id } = await this.#tables(tx).insertInto('notes').values(toRow(draft)).returning('id').executeTakeFirstOrThrow();
    return { id, ...draft };
  }

  async find(userId: string, id: number, tx?: Transaction): Promise<Note | undefined> {
    const query = this.#tables(tx).selectFrom('notes').selectAll().where('id', '=', id).where('user_id', '=', userId);
    const row = await query.executeTakeFirst();
    return row && fromRow(row);
  }

  async list(userId: string, page: PageRequest): Promise<Page<Note>> {
    const own = this.#tables().selectFrom('notes').where('user_id', '=', userId);
    const rows = await own
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.size)
      .offset(offsetOf(page))
      .execute();
    const { total } = await own.select((sql) => sql.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    return { items: rows.map(fromRow), total };
  }

  async update(tx: Transaction, note: Note): Promise<void> {
    await this.#tables(tx).updateTable('notes').set(toRow(note)).where('id', '=', note.id).execute();
  }

  async delete(tx: Transaction, note: Note): Promise<void> {
    await this.#tables(tx).deleteFrom('notes').where('id', '=', note.id).execute();
  }
}

function toRow(note: NoteDraft) {
  return {
    user_id: note.userId,
    content: note.content,
    attachments: JSON.stringify(note.attachments),
    processing_status: note.processingStatus,
    enrichment_data: note.enrichmentData && JSON.stringify(note.enrichmentData),
    processed_at: note.processedAt,
    created_at: note.createdAt,
    updated_at: note.updatedAt,
    version: note.version,
  };
}

function fromRow(row: Selectable<NoteTable>): Note {
  return {
    id: row.id,
    userId: row.user_id,
    content: row.content,
    attachments: JSON.parse(row.attachments),
    processingStatus: row.processing_status,
    enrichmentData: row.enrichment_data === null ? null : JSON.parse(row.enrichment_data),
    processedAt: row.processed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
