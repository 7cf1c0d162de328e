import { type Answer, type RequestParts, requestsTo } from '../../support/rest.ts';
import { type Action, KINDS, type Kind, type Ledger, type Operation } from './ledger.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';

/** How each kind is written: its path, and bodies that carry a text of ours. */
export const RESOURCES: Readonly<Record<Kind, { path: string; text: string; rest: Readonly<Record<string, unknown>> }>> = {
  note: { path: '/v1/notes', text: 'content', rest: {} },
  task: { path: '/v1/tasks', text: 'content', rest: {} },
  activity: {
    path: '/v1/activities',
    text: 'name',
    rest: {
      description: 'Tried',
      activity_schema: { type: 'object', properties: { km: { type: 'number' } } },
      icon: '🏃',
      color: '#2e7d32',
    },
  },
};

const METHODS = { created: 'POST', updated: 'PUT', deleted: 'DELETE' } as const;
/** In the proportion in which they are drawn. */
const ACTIONS: readonly Action[] = [
  'created',
  'created',
  'created',
  'created',
  'updated',
  'updated',
  'updated',
  'deleted',
  'deleted',
];
/** A share of the tasks refers to a note; deleting it changes the task as well. */
const TIED_TASKS = 0.5;

export interface WriterOptions {
  /** Starts the names of its operations; its own alone. */
  readonly name: string;
  readonly token: string;
  readonly place: Place;
  readonly ledger: Ledger;
  readonly random: Random;
}

/** Writes one thing after the other for a user, as fast as the server answers, and notes down what became of each. */
export class Writer {
  readonly #options: WriterOptions;
  /** What surely exists, made by this writer, by kind. */
  readonly #own: Record<Kind, number[]> = { note: [], task: [], activity: [] };
  #count = 0;
  #stopped = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** No operation begins after this one. */
  stop(): void {
    this.#stopped = true;
  }

  /** Writes until it is stopped. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const url = await this.#options.place.url();
      if (url === undefined) return;
      await this.#write(url, this.#draw());
    }
  }

  #draw(): Operation {
    const { random, name } = this.#options;
    this.#count += 1;
    const kind = random.pick(KINDS);
    const own = this.#own[kind];
    const action = own.length === 0 ? 'created' : random.pick(ACTIONS);
    const operation: Operation = { name: `${name}-${this.#count}`, kind, action, outcome: 'unknown' };
    // What is deleted, or was asked for in vain, may be gone: it is not touched again.
    if (action !== 'created') operation.id = random.pick(own);
    return operation;
  }

  async #write(url: string, operation: Operation): Promise<void> {
    const { token, ledger } = this.#options;
    const { kind, action, id, name } = operation;
    const parts: RequestParts = {
      token,
      headers: { 'friday-client-id': name },
      ...(action !== 'deleted' && { body: this.#body(operation) }),
    };
    if (action === 'deleted') this.#forget(kind, id);
    ledger.operations.set(name, operation);
    const path = RESOURCES[kind].path + (id === undefined ? '' : `/${id}`);
    const answer = await requestsTo(url)(METHODS[action], path, parts).catch(unreachable);
    if (answer) this.#note(operation, answer);
    else this.#forget(kind, id);
  }

  #body({ kind, action, name }: Operation): Record<string, unknown> {
    const { random } = this.#options;
    const { text, rest } = RESOURCES[kind];
    const notes = this.#own.note;
    const tied = kind === 'task' && action === 'created' && notes.length > 0 && random.chance(TIED_TASKS);
    return { ...(action === 'created' && rest), [text]: name, ...(tied && { note_id: random.pick(notes) }) };
  }

  #note(operation: Operation, { status, text, body }: Answer): void {
    const { ledger } = this.#options;
    const { kind, action, name } = operation;
    const acknowledged = status >= 200 && status < 300;
    operation.outcome = acknowledged ? 'acknowledged' : 'refused';
    if (!acknowledged) ledger.violation(`${name} (${action} ${kind} ${operation.id}) was answered with ${status}: ${text}`);
    if (!acknowledged || action === 'deleted') return;
    if (action === 'created') {
      operation.id = Number(body.data['id']);
      this.#own[kind].push(operation.id);
    }
    operation.version = Number(body.data['version']);
  }

  #forget(kind: Kind, id: number | undefined): void {
    const own = this.#own[kind];
    const index = id === undefined ? -1 : own.indexOf(id);
    if (index >= 0) own.splice(index, 1);
  }
}

/** fetch rejects with a TypeError when the connection breaks, and with nothing else here. */
function unreachable(error: unknown): undefined {
  if (error instanceof TypeError) return undefined;
  throw error;
}
