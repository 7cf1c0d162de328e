/** Faults of a request, in the shape that older clients know: type, place, message, what was given, and the limit. */

/** One fault. `loc` starts with `body`, `query`, `path` or `header`. */
export interface Fault {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Most faults that one answer lists. */
const MOST_FAULTS = 100;

/** Collects a request's faults. */
export class Faults {
  readonly list: Fault[] = [];

  /** Adds a fault; `input` is cut to a bounded size. Beyond a hundred faults nothing is added. */
  add(fault: Fault): void {
    if (this.list.length < MOST_FAULTS) this.list.push(inOrder(fault));
  }
}

/** In the order of keys that clients are used to see. */
function inOrder({ type, loc, msg, input, ctx }: Fault): Fault {
  return { type, loc, msg, input: excerpt(input), ...(ctx && { ctx }) };
}

const MOST_CHARACTERS = 100;
const MOST_ENTRIES = 10;
const DEEPEST = 2;

/** What was given, small enough to be sent back. */
function excerpt(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth === DEEPEST) return '…';
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((item) => excerpt(item, depth + 1));
  const entries = Object.entries(value).slice(0, MOST_ENTRIES);
  // fromEntries defines own properties, so that a key such as __proto__ stays a key.
  return Object.fromEntries(entries.map(([key, item]) => [cut(key), excerpt(item, depth + 1)]));
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
