/** How every resource's changes become notifications; rules P15 and P18. */
import { type Transaction, type WebSocketManager, WebSocketMessage } from '@friday/realtime';
import type { Actor } from '../domain/actor.ts';
import type { Versioned } from '../domain/version.ts';

/** What clients know a kind of resource by. */
export interface ResourceName {
  /** Stands in notification types, such as `note`. */
  readonly kind: string;
  /** Path of the collection, such as `/v1/notes`. */
  readonly collection: string;
}

/** What happened to one resource. */
export interface Change {
  readonly actor: Actor;
  /** The resource as it is now; when it was deleted, its version has risen once more. */
  readonly resource: Versioned;
  /** `created`, `updated`, `deleted`, or a word of the resource's own that stands instead of `updated`. */
  readonly action: string;
  /** With an update, the names of the fields that differ, in the domain's spelling. */
  readonly changed?: readonly string[];
}

/** Announces the changes of one kind of resource. */
export class ChangeAnnouncer {
  readonly #manager: WebSocketManager;
  readonly #name: ResourceName;

  constructor(manager: WebSocketManager, name: ResourceName) {
    this.#manager = manager;
    this.#name = name;
  }

  /** Announces one change to all of the actor's connections, if and only if `tx` commits. */
  announce(tx: Transaction, { actor, resource, action, changed }: Change): void {
    const { kind, collection } = this.#name;
    const { id, version } = resource;
    const message = new WebSocketMessage({
      type: `${kind}.${action}`,
      resource: { kind, id, version, href: `${collection}/${id}` },
      ...(changed && { changed: changed.map(wireName) }),
      ...(actor.origin !== undefined && { origin: actor.origin }),
    });
    this.#manager.notify(tx, actor.userId, message);
  }
}

function wireName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
