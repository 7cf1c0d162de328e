import {
  answers,
  ChangeHeaders,
  CreateHeaders,
  Envelope,
  envelope,
  IdParams,
  MessageSchema,
  PageEnvelope,
  PageQuery,
  pageEnvelope,
} from '../schemas/common.ts';
import { CreateNoteBody, NoteSchema, readNoteChanges, showNote, UpdateNoteBody } from '../schemas/note.schema.ts';
import type { NoteService } from '../services/note.service.ts';
import type { App, Router } from './app-instance.ts';
import { actorOf } from './authentication.ts';
import { expectedVersions, setEtag } from './conditional.ts';
import { setCursor, type TakePosition } from './position.ts';

export interface NotesRouterDeps {
  readonly notes: NoteService;
  readonly position: TakePosition;
}

const TAGS = ['notes'];
const ITEM = '/notes/:note_id';
const params = IdParams('note_id');

/** `/notes`. */
export function notesRouter(deps: NotesRouterDeps): Router {
  return (app) => {
    addReads(app, deps);
    addWrites(app, deps);
  };
}

function addReads(app: App, { notes, position }: NotesRouterDeps): void {
  app.get(
    '/notes',
    {
      schema: {
        tags: TAGS,
        summary: 'List notes, newest first',
        querystring: PageQuery,
        response: answers({ 200: PageEnvelope(NoteSchema) }, 401, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const page = await notes.list(actorOf(request), request.query);
      return pageEnvelope(page, request.query, 'notes', showNote);
    },
  );
  app.get(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'One note',
        params,
        response: answers({ 200: Envelope(NoteSchema) }, 401, 404, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const note = await notes.get(actorOf(request), request.params.note_id);
      setEtag(reply, note);
      return envelope(showNote(note));
    },
  );
}

function addWrites(app: App, { notes }: NotesRouterDeps): void {
  app.post(
    '/notes',
    {
      schema: {
        tags: TAGS,
        summary: 'Create a note',
        headers: CreateHeaders,
        body: CreateNoteBody,
        response: answers({ 201: Envelope(NoteSchema) }, 400, 401, 413, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const { content, attachments = [] } = request.body;
      const note = await notes.create(actorOf(request), { content, attachments });
      setEtag(reply, note);
      return reply.code(201).send(envelope(showNote(note), 'Note created successfully'));
    },
  );
  app.put(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'Change fields of a note',
        params,
        headers: ChangeHeaders,
        body: UpdateNoteBody,
        response: answers({ 200: Envelope(NoteSchema) }, 400, 401, 404, 412, 413, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const changes = readNoteChanges(request.body);
      const note = await notes.update(actorOf(request), request.params.note_id, changes, expectedVersions(request));
      setEtag(reply, note);
      return envelope(showNote(note), 'Note updated successfully');
    },
  );
  app.delete(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a note',
        params,
        headers: ChangeHeaders,
        response: answers({ 200: MessageSchema }, 401, 404, 409, 412, 422, 429, 503),
      },
    },
    async (request) => {
      await notes.delete(actorOf(request), request.params.note_id, expectedVersions(request));
      return { message: 'Note deleted successfully' };
    },
  );
}
