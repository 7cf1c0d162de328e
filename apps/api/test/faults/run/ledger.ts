import type { Notification } from '@friday/protocol';

export const KINDS = ['note', 'task', 'activity'] as const;
export type Kind = (typeof KINDS)[number];
export type Action = 'created' | 'updated' | 'deleted';

/** One write that was asked for, and what became of it. */
export interface Operation {
  /** Names the request; stands in `Friday-Client-Id`, in the resource's text, and as `origin` in its notifications. */
  readonly name: string;
  readonly kind: Kind;
  readonly action: Action;
  /** What it was asked of; of a creation once it is known. */
  id?: number;
  /** As the answer gave it. */
  version?: number;
  /** `unknown`: the server went before it answered. */
  outcome: 'acknowledged' | 'refused' | 'unknown';
}

/** What broke the promise. Kept to the first few: one fault tends to bring many. */
export class Violations {
  static readonly #KEPT = 50;
  readonly first: string[] = [];
  count = 0;

  add(text: string): void {
    this.count += 1;
    if (this.first.length < Violations.#KEPT) this.first.push(text);
  }
}

/** All that is known of one user: what was asked for in their name, and what was announced to them. */
export class Ledger {
  readonly user: string;
  readonly operations = new Map<string, Operation>();
  /** Frames as they came the first time, by number; number 0 is never used. */
  readonly frames: Array<string | undefined> = [];
  readonly #violations: Violations;

  constructor(user: string, violations: Violations) {
    this.user = user;
    this.#violations = violations;
  }

  /** Takes a frame that one of the user's connections got. Every connection must get the same bytes under the same number. */
  saw(listener: string, seq: number, frame: string): void {
    const known = this.frames[seq];
    if (known === undefined) this.frames[seq] = frame;
    else if (known !== frame) this.violation(`${listener} got ${frame}, others got ${known}`);
  }

  /** What was announced, in order. */
  get announced(): Notification[] {
    return this.frames.flatMap((frame) => (frame === undefined ? [] : [JSON.parse(frame) as Notification]));
  }

  violation(text: string): void {
    this.#violations.add(`${this.user}: ${text}`);
  }
}
