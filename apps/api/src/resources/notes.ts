import { NOTE_ERRORS } from '../domain/note.ts';
import { NOTES_MIGRATION } from '../infrastructure/database/migrations/0003-notes.ts';
import { SqlNoteRepository } from '../infrastructure/database/note.repository.ts';
import { notesRouter } from '../routers/notes.router.ts';
import { ChangeAnnouncer } from '../services/changes.ts';
import { NoteService } from '../services/note.service.ts';
import type { Resource } from './resource.ts';

const name = { kind: 'note', collection: '/v1/notes' } as const;

export const notes: Resource = {
  ...name,
  description: 'Free text that a user writes down.',
  errors: NOTE_ERRORS,
  migrations: [NOTES_MIGRATION],
  examples: {
    create: { content: 'Buy oat milk' },
    update: { content: 'Buy oat milk and bread', attachments: [{ type: 'link', url: 'https://example.org' }] },
  },
  build({ database, unitOfWork, notifications, dependents, position, clock }) {
    const service = new NoteService({
      notes: new SqlNoteRepository(database),
      unitOfWork,
      changes: new ChangeAnnouncer(notifications, name),
      dependents,
      clock,
    });
    return notesRouter({ notes: service, position });
  },
};
