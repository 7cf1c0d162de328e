/**
 * Coded errors. Each resource has its table of them beside its rules; `resources.ts` joins all tables into one registry, from
 * which the documentation is made and in which a test finds doubled codes. Thrown anywhere, turned into HTTP in one place only.
 */

/** One fault that can be answered. */
export interface ErrorEntry {
  /** Its name on the wire, never changed once released. */
  readonly code: string;
  /** What is wrong, for a person; `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  /** The HTTP status that it is answered with. */
  readonly status: number;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** Whether `detail` in the answer is the message alone, or an object of message and code. */
  readonly detail: 'text' | 'coded';
}

type EntryInput = Pick<ErrorEntry, 'message' | 'status'> & Partial<Pick<ErrorEntry, 'retryable' | 'detail'>>;

/** A table of errors by code. */
export type ErrorTable<Code extends string = string> = Readonly<Record<Code, ErrorEntry>>;

/** Completes a table: not retryable and `detail` as text, unless an entry says otherwise. */
export function errorTable<const Code extends string>(entries: Record<Code, EntryInput>): ErrorTable<Code> {
  const complete = Object.entries<EntryInput>(entries).map(([code, entry]) => [
    code,
    { code, retryable: false, detail: 'text', ...entry },
  ]);
  return Object.fromEntries(complete) as ErrorTable<Code>;
}

/** Faults that belong to no resource. */
export const ERRORS = errorTable({
  not_found: { message: 'Not Found', status: 404 },
  method_not_allowed: { message: 'Method Not Allowed', status: 405 },
  bad_request: { message: 'The request cannot be read.', status: 400 },
  request_timeout: { message: 'The request took too long to arrive.', status: 408 },
  headers_too_large: { message: "The request's headers are too large.", status: 431 },
  body_too_large: { message: 'The body is too large: {limit} bytes are allowed.', status: 413 },
  validation_failed: { message: 'The request is not valid: see detail.', status: 422 },
  version_mismatch: { message: 'The resource has changed: its version is {version} now.', status: 412, detail: 'coded' },
  rate_limited: { message: 'Too many requests: come back in {seconds} s.', status: 429, retryable: true },
  too_many_connections: { message: 'This address has too many connections.', status: 429, retryable: true },
  storage_unavailable: { message: 'The database cannot be used now: {fault}.', status: 503, retryable: true },
  not_ready: { message: 'Not ready: {down}.', status: 503, retryable: true },
  INTERNAL_ERROR: { message: 'The server failed.', status: 500, retryable: true },
});

interface ErrorOptions {
  /** Values for the `{name}` marks of the message. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** Fields beside message and code in a coded `detail`. */
  readonly extra?: Readonly<Record<string, string | number>>;
  /** Replaces `detail` of the answer, where older clients expect a shape of their own. */
  readonly detail?: unknown;
  /** Seconds after which it is worth trying again. */
  readonly retryAfterSeconds?: number;
  /** What led to it; logged, never answered. */
  readonly cause?: unknown;
}

/** A fault from one of the tables. */
export class FridayError extends Error {
  override readonly name = 'FridayError';
  readonly entry: ErrorEntry;
  /** What the answer's `detail` holds: text, an object, or a list of faults. */
  readonly detail: unknown;
  readonly retryAfterSeconds: number | undefined;

  constructor(entry: ErrorEntry, options: ErrorOptions = {}) {
    const message = fillIn(entry.message, options.params ?? {});
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.entry = entry;
    this.detail = options.detail ?? (entry.detail === 'coded' ? { message, code: entry.code, ...options.extra } : message);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get code(): string {
    return this.entry.code;
  }
}

function fillIn(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (mark, name: string) => String(params[name] ?? mark));
}
