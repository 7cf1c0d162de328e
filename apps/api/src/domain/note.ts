/** Notes: free text that a user writes down. Source: REST specification, section "Notes". */
import { errorTable, FridayError } from './errors.ts';
import { isSameJson, unkeepableParts } from './json.ts';
import type { Page, PageRequest } from './page.ts';
import type { ProcessingStatus } from './processing-status.ts';
import type { Versioned } from './version.ts';

/** What a note refers to: `type` and `url`, and whatever else the client keeps with them. */
export type Attachment = Readonly<Record<string, unknown>>;

export interface Note extends Versioned {
  readonly userId: string;
  readonly content: string;
  readonly attachments: readonly Attachment[];
  readonly processingStatus: ProcessingStatus;
  readonly enrichmentData: Readonly<Record<string, unknown>> | null;
  readonly processedAt: number | null;
  readonly createdAt: number;
  /** Null until the first change. */
  readonly updatedAt: number | null;
}

export interface NewNote {
  readonly content: string;
  readonly attachments: readonly Attachment[];
}

/** What an update may give; a field that is absent stays. */
export interface NoteChanges {
  readonly content?: string;
  readonly attachments?: readonly Attachment[];
  readonly processingStatus?: ProcessingStatus;
}

/** A note that has no number yet. */
export type NoteDraft = Omit<Note, 'id'>;

/** Where notes are kept. Reads without a transaction see what is committed. */
export interface NoteRepository<Tx> {
  insert(tx: Tx, draft: NoteDraft): Promise<Note>;
  /** Another user's note is not found. */
  find(userId: string, id: number, tx?: Tx): Promise<Note | undefined>;
  /** Newest first. */
  list(userId: string, page: PageRequest): Promise<Page<Note>>;
  update(tx: Tx, note: Note): Promise<void>;
  delete(tx: Tx, note: Note): Promise<void>;
}

export const NOTE_ERRORS = errorTable({
  note_not_found: { message: 'Note not found', status: 404 },
  NOTE_CONTENT_ERROR: { message: 'Note content cannot be empty', status: 400, detail: 'coded' },
  NOTE_ATTACHMENT_ERROR: { message: 'Attachment {index}: {fault}', status: 422, detail: 'coded' },
});

/** Most characters of a note's content. */
export const NOTE_CONTENT_CHARACTERS = 10_000;

const ATTACHMENT_TYPES: readonly unknown[] = ['image', 'document', 'link'];

/**
 * A note as it is first written.
 * @throws FridayError `NOTE_CONTENT_ERROR` when nothing but white space is left of the content, `NOTE_ATTACHMENT_ERROR`.
 */
export function draftNote(userId: string, input: NewNote, now: number): NoteDraft {
  checkNote(input);
  return {
    userId,
    content: input.content,
    attachments: input.attachments,
    processingStatus: 'pending',
    enrichmentData: null,
    processedAt: null,
    createdAt: now,
    updatedAt: null,
    version: 1,
  };
}

/**
 * A note after an update.
 * @returns the note, and which fields differ; where none does, the same note.
 * @throws FridayError as {@link draftNote}.
 */
export function changeNote(note: Note, changes: NoteChanges, now: number): { note: Note; changed: (keyof NoteChanges)[] } {
  checkNote(changes);
  const changed = NOTE_CHANGEABLE.filter((field) => field in changes && !isSameJson(changes[field], note[field]));
  if (changed.length === 0) return { note, changed };
  return { note: { ...note, ...changes, updatedAt: now, version: note.version + 1 }, changed };
}

const NOTE_CHANGEABLE = ['content', 'attachments', 'processingStatus'] as const satisfies (keyof NoteChanges)[];

function checkNote({ content, attachments = [] }: NoteChanges): void {
  if (content?.trim() === '') throw new FridayError(NOTE_ERRORS.NOTE_CONTENT_ERROR);
  attachments.forEach((attachment, index) => {
    const fault = attachmentFault(attachment);
    if (fault) throw new FridayError(NOTE_ERRORS.NOTE_ATTACHMENT_ERROR, { params: { index, fault } });
  });
}

function attachmentFault(attachment: Attachment): string | undefined {
  if (!Object.hasOwn(attachment, 'type') || !Object.hasOwn(attachment, 'url')) return 'type and url are needed';
  if (!ATTACHMENT_TYPES.includes(attachment['type'])) return 'type must be image, document or link';
  if (typeof attachment['url'] !== 'string') return 'url must be text';
  return unkeepableParts(attachment, '').next().value;
}
