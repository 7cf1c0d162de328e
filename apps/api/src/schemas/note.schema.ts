import Type, { type Static } from 'typebox';
import { NOTE_CONTENT_CHARACTERS, type Note, type NoteChanges } from '../domain/note.ts';
import { wireTime } from '../domain/time.ts';
import { FreeObject, Nullable, NullableFreeObject, OutputTime, ProcessingStatusSchema } from './common.ts';

const Content = Type.String({ minLength: 1, maxLength: NOTE_CONTENT_CHARACTERS });
const Attachments = Type.Array(FreeObject, {
  description: 'Objects with at least `type` (image, document or link) and `url`; other keys are kept.',
});

export const CreateNoteBody = Type.Object(
  { content: Content, attachments: Type.Optional(Attachments) },
  { examples: [{ content: 'Buy oat milk', attachments: [{ type: 'link', url: 'https://example.org/oats' }] }] },
);

export const UpdateNoteBody = Type.Object({
  content: Type.Optional(Content),
  attachments: Type.Optional(Type.Unsafe<Static<typeof Attachments> | null>({ ...Attachments, type: ['array', 'null'] })),
  processing_status: Type.Optional(ProcessingStatusSchema),
});

export const NoteSchema = Type.Object(
  {
    id: Type.Integer(),
    content: Type.String(),
    user_id: Type.String({ format: 'uuid' }),
    attachments: Type.Array(FreeObject),
    processing_status: ProcessingStatusSchema,
    enrichment_data: NullableFreeObject,
    processed_at: Nullable(OutputTime),
    created_at: OutputTime,
    updated_at: Nullable(OutputTime),
    version: Type.Integer({ minimum: 1, description: 'Rises by one with each change; also the ETag.' }),
  },
  { title: 'Note' },
);

/** A note as clients see it. */
export function showNote(note: Note): Static<typeof NoteSchema> {
  return {
    id: note.id,
    content: note.content,
    user_id: note.userId,
    attachments: [...note.attachments],
    processing_status: note.processingStatus,
    enrichment_data: note.enrichmentData,
    processed_at: note.processedAt === null ? null : wireTime(note.processedAt),
    created_at: wireTime(note.createdAt),
    updated_at: note.updatedAt === null ? null : wireTime(note.updatedAt),
    version: note.version,
  };
}

/** The changes that an update's body asks for: null attachments are none. */
export function readNoteChanges(body: Static<typeof UpdateNoteBody>): NoteChanges {
  const { content, attachments, processing_status: processingStatus } = body;
  return {
    ...(content === undefined ? {} : { content }),
    ...(attachments === undefined ? {} : { attachments: attachments ?? [] }),
    ...(processingStatus === undefined ? {} : { processingStatus }),
  };
}
