import type { Transaction } from '@friday/realtime';
import type { Actor } from '../domain/actor.ts';
import { FridayError } from '../domain/errors.ts';
import {
  changeNote,
  draftNote,
  type NewNote,
  NOTE_ERRORS,
  type Note,
  type NoteChanges,
  type NoteRepository,
} from '../domain/note.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import type { Clock, UnitOfWork } from '../domain/ports.ts';
import { type ExpectedVersions, requireVersion } from '../domain/version.ts';
import type { ChangeAnnouncer } from './changes.ts';
import type { Dependents } from './dependents.ts';

export interface NoteServiceDeps {
  readonly notes: NoteRepository<Transaction>;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly changes: ChangeAnnouncer;
  readonly dependents: Dependents;
  readonly clock: Clock;
}

/** Notes: each user sees and changes only their own. Source: REST specification, section "Notes". */
export class NoteService {
  readonly #deps: NoteServiceDeps;

  constructor(deps: NoteServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Creates a note and announces it, in one transaction.
   * @throws FridayError `NOTE_CONTENT_ERROR` when nothing but white space is left of the content, `NOTE_ATTACHMENT_ERROR`.
   */
  async create(actor: Actor, input: NewNote): Promise<Note> {
    const draft = draftNote(actor.userId, input, this.#deps.clock.now());
    return this.#deps.unitOfWork.run(async (tx) => {
      const note = await this.#deps.notes.insert(tx, draft);
      this.#deps.changes.announce(tx, { actor, resource: note, action: 'created' });
      return note;
    });
  }

  /** The user's notes, newest first. */
  async list(actor: Actor, page: PageRequest): Promise<Page<Note>> {
    return this.#deps.notes.list(actor.userId, page);
  }

  /** @throws FridayError `note_not_found` where the note is missing or another user's. */
  async get(actor: Actor, id: number): Promise<Note> {
    return this.#find(actor, id);
  }

  /**
   * Changes a note and announces what differs; where nothing does, nothing is written.
   * @throws FridayError `note_not_found`, `version_mismatch`, and those of {@link create}.
   */
  async update(actor: Actor, id: number, changes: NoteChanges, expected?: ExpectedVersions): Promise<Note> {
    return this.#deps.unitOfWork.run(async (tx) => {
      const present = await this.#find(actor, id, tx);
      requireVersion(present, expected);
      const { note, changed } = changeNote(present, changes, this.#deps.clock.now());
      if (changed.length === 0) return note;
      await this.#deps.notes.update(tx, note);
      this.#deps.changes.announce(tx, { actor, resource: note, action: 'updated', changed });
      return note;
    });
  }

  /**
   * Deletes a note; what referred to it is changed and announced after it.
   * @throws FridayError `note_not_found`, `version_mismatch`; `TASK_REFERENCES_TOO_MANY` when too much refers to it.
   */
  async delete(actor: Actor, id: number, expected?: ExpectedVersions): Promise<void> {
    await this.#deps.unitOfWork.run(async (tx) => {
      const note = await this.#find(actor, id, tx);
      requireVersion(note, expected);
      const resource = { id, version: note.version + 1 };
      this.#deps.changes.announce(tx, { actor, resource, action: 'deleted' });
      await this.#deps.dependents.deleting(tx, actor, { kind: 'note', id });
      await this.#deps.notes.delete(tx, note);
    });
  }

  async #find(actor: Actor, id: number, tx?: Transaction): Promise<Note> {
    const note = await this.#deps.notes.find(actor.userId, id, tx);
    if (!note) throw new FridayError(NOTE_ERRORS.note_not_found);
    return note;
  }
}
