import type { FetchImplementation } from 'jose';
import type { Clock } from '../../domain/ports.ts';

/** A key set of a thousand keys comes nowhere near. */
const MAX_BYTES = 256 * 1024;
/** After a failure nobody asks again for so long: who needs a key is told so at once instead of waiting. */
const PAUSE_MS = 10_000;
/** For so long the keys that were fetched last stand in for those that cannot be fetched. */
const STALE_MS = 3_600_000;

/** What the fetches of key sets are logged to. */
export interface WarningLog {
  warn(fields: object, message: string): void;
}

export interface KeySetSourceDeps {
  readonly clock: Clock;
  readonly logger: WarningLog;
}

/**
 * Fetches one issuer's key set (RFC 7517), no more of it than {@link MAX_BYTES} and without following redirects. An issuer that is down
 * costs nobody a hanging request twice: its last keys are good for another hour, and without any a failure is answered from memory.
 */
export class KeySetSource {
  readonly #deps: KeySetSourceDeps;
  #last: { readonly text: string; readonly at: number } | undefined;
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(deps: KeySetSourceDeps) {
    this.#deps = deps;
  }

  /** The key set, as an answer with status 200. Rejects with why there is none. */
  readonly fetch: FetchImplementation = async (url, options) => {
    const now = this.#deps.clock.now();
    if (this.#failure && now - this.#failure.at < PAUSE_MS) return this.#standIn(this.#failure.error);
    try {
      const text = await fetchKeySet(url, options);
      this.#last = { text, at: now };
      this.#failure = undefined;
      return new Response(text);
    } catch (error) {
      this.#failure = { error, at: this.#deps.clock.now() };
      this.#deps.logger.warn({ err: error, url }, "the issuer's keys could not be fetched");
      return this.#standIn(error);
    }
  };

  #standIn(error: unknown): Response {
    if (this.#last && this.#deps.clock.now() - this.#last.at < STALE_MS) return new Response(this.#last.text);
    throw error;
  }
}

async function fetchKeySet(...[url, options]: Parameters<FetchImplementation>): Promise<string> {
  const response = await fetch(url, options);
  const text = await boundedText(response);
  if (response.status !== 200) throw new Error(`It answered with status ${response.status}.`);
  const set: unknown = JSON.parse(text);
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('What it answered is no key set.');
  return text;
}

/** Leaving the loop early ends the transfer. */
async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`What it answered is longer than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
