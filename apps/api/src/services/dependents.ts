/** Lets a resource clear its references to another's rows when those are deleted, without the other knowing of it. */
import type { Transaction } from '@friday/realtime';
import type { Actor } from '../domain/actor.ts';

/** Called in the deletion's transaction, before the row is gone. Changes and announces what referred to it. */
export type DeletionListener = (tx: Transaction, actor: Actor, id: number) => Promise<void>;

/** Who wants to know of deletions, by kind. Filled while the application is composed. */
export class Dependents {
  readonly #listeners = new Map<string, DeletionListener[]>();

  /** @param kind whose deletions, such as `note`. */
  onDelete(kind: string, listener: DeletionListener): void {
    this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
  }

  /** Tells all that registered for the kind, in their order. To be called after the deletion was announced, before it is done. */
  async deleting(tx: Transaction, actor: Actor, resource: { kind: string; id: number }): Promise<void> {
    for (const listener of this.#listeners.get(resource.kind) ?? []) await listener(tx, actor, resource.id);
  }
}
