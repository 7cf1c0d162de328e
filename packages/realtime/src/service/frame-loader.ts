import type { ChangeLog, LogEntry } from '../domain/ports.ts';
import { CHUNK_SPAN, chunkIndex } from './chunk.ts';
import type { FrameCache } from './frame-cache.ts';

const MAX_READS = 4;

/**
 * `ready`: look at the cache, and load again if need be; `gone`: retention has passed it; `ahead`: the log does not reach that far;
 * else why the log could not be read.
 */
export type LoadOutcome = 'ready' | 'gone' | 'ahead' | Error;

interface Load {
  readonly channel: string;
  readonly index: number;
  readonly waiters: Waiter[];
  /** Whether the log is being asked: those who come later may want a row that was committed since. */
  reading: boolean;
}

interface Waiter {
  readonly seq: number;
  /** Whether the log was asked after this one came. */
  readonly inTime: boolean;
  readonly done: Done;
}

/**
 * Told what became of a load. `first`: the rows are in the cache now, and this is the one who must use them before it returns. Else
 * other loads might drive them out before its turn comes, it might drive out theirs, and nobody would get on.
 */
type Done = (outcome: LoadOutcome, first: boolean) => void;

/** Reads what the cache lacks from the log, a chunk at a time and few at once; all who wait for one chunk share one read. */
export class FrameLoader {
  readonly #log: ChangeLog;
  readonly #cache: FrameCache;
  readonly #loads = new Map<string, Load>();
  readonly #queue: Load[] = [];
  #active = 0;

  constructor(log: ChangeLog, cache: FrameCache) {
    this.#log = log;
    this.#cache = cache;
  }

  /** Brings the chunk with this number into the cache and tells whether the number is there. */
  load(channel: string, seq: number, done: Done): void {
    const index = chunkIndex(seq);
    const key = `${index} ${channel}`;
    const underway = this.#loads.get(key);
    if (underway) {
      underway.waiters.push({ seq, done, inTime: !underway.reading });
      return;
    }
    const load = { channel, index, waiters: [{ seq, done, inTime: true }], reading: false };
    this.#loads.set(key, load);
    this.#queue.push(load);
    this.#next();
  }

  #next(): void {
    while (this.#active < MAX_READS) {
      const load = this.#queue.shift();
      if (!load) return;
      this.#active++;
      void this.#read(load);
    }
  }

  async #read(load: Load): Promise<void> {
    const { channel, index, waiters } = load;
    let outcome: (waiter: Waiter) => LoadOutcome;
    load.reading = true;
    try {
      const { entries, head } = await this.#fetch(channel, index);
      this.#cache.fill(entries);
      const first = entries[0]?.seq ?? Number.POSITIVE_INFINITY;
      outcome = ({ seq, inTime }) => {
        if (!inTime || (first <= seq && seq <= head)) return 'ready';
        return seq > head ? 'ahead' : 'gone';
      };
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      outcome = () => error;
    }
    this.#active--;
    this.#loads.delete(`${index} ${channel}`);
    for (const [place, waiter] of waiters.entries()) waiter.done(outcome(waiter), place === 0);
    this.#next();
  }

  /** @returns the rows of a chunk, and a number up to which the channel had been filled when they were read. */
  async #fetch(channel: string, index: number): Promise<{ entries: LogEntry[]; head: number }> {
    const read = () => this.#log.read(channel, index * CHUNK_SPAN, (index + 1) * CHUNK_SPAN);
    const entries = await read();
    const last = entries.at(-1);
    if (last) return { entries, head: last.seq };
    // Nothing is there any more, or nothing yet: a head that is older than a second look tells.
    const [head] = await this.#log.heads([channel]);
    const again = await read();
    return { entries: again, head: again.at(-1)?.seq ?? head?.seq ?? 0 };
  }
}
