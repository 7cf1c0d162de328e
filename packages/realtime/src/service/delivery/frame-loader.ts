import type { RealtimeMetrics } from '../../domain/metrics.ts';
import type { ChangeLog, Clock, LogEntry } from '../../domain/ports.ts';
import { CHUNK_SPAN, chunkIndex } from './chunk.ts';
import type { FrameCache } from './frame-cache.ts';

const MAX_READS = 4;

/**
 * `ready`: look at the cache, and load again if need be; `gone`: retention has passed it; `ahead`: the log does not reach that far;
 * `late`: the turn did not come in time; else why the log could not be read.
 */
export type LoadOutcome = 'ready' | 'gone' | 'ahead' | 'late' | Error;

interface Load {
  readonly channel: string;
  readonly index: number;
  readonly waiters: Waiter[];
  /** Monotonic milliseconds. */
  readonly since: number;
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

export interface FrameLoaderDeps {
  readonly log: ChangeLog;
  readonly cache: FrameCache;
  readonly clock: Clock;
  readonly metrics: Pick<RealtimeMetrics, 'readLog'>;
  /** Milliseconds that a read may wait for its turn. */
  readonly deadlineMs: number;
}

/**
 * Reads what the cache lacks from the log, a chunk at a time, few at once and in one turn of the loop; all who wait for one chunk share
 * one read.
 */
export class FrameLoader {
  readonly #deps: FrameLoaderDeps;
  readonly #loads = new Map<string, Load>();
  /** Loads that wait, in their order: a Set is cheap to take from at the front. */
  readonly #queue = new Set<Load>();
  #active = 0;
  #startedThisTurn = 0;
  #turnScheduled = false;
  #asked = 0;

  constructor(deps: FrameLoaderDeps) {
    this.#deps = deps;
  }

  /** How often a connection has had to wait for the log. */
  get asked(): number {
    return this.#asked;
  }

  /** Reads that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Brings the chunk with this number into the cache and tells whether the number is there. */
  load(channel: string, seq: number, done: Done): void {
    this.#asked++;
    const index = chunkIndex(seq);
    const key = `${index} ${channel}`;
    const underway = this.#loads.get(key);
    if (underway) {
      underway.waiters.push({ seq, done, inTime: !underway.reading });
      return;
    }
    const since = this.#deps.clock.monotonic();
    const load = { channel, index, waiters: [{ seq, done, inTime: true }], since, reading: false };
    this.#loads.set(key, load);
    this.#queue.add(load);
    this.#next();
  }

  /** Reads may end within the turn in which they began, so turns are bounded too: else one would take the whole queue. */
  #next(): void {
    const { clock, deadlineMs } = this.#deps;
    for (const load of this.#queue) {
      if (this.#active >= MAX_READS || this.#startedThisTurn >= MAX_READS) break;
      this.#queue.delete(load);
      if (clock.monotonic() - load.since > deadlineMs) this.#finish(load, () => 'late');
      else this.#start(load);
    }
  }

  #start(load: Load): void {
    this.#active++;
    this.#startedThisTurn++;
    void this.#read(load);
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.#deps.clock.defer(() => {
      this.#turnScheduled = false;
      this.#startedThisTurn = 0;
      this.#next();
    });
  }

  async #read(load: Load): Promise<void> {
    const { channel, index } = load;
    let outcome: (waiter: Waiter) => LoadOutcome;
    load.reading = true;
    const { cache, clock, metrics } = this.#deps;
    const start = clock.monotonic();
    try {
      const { entries, head } = await this.#fetch(channel, index);
      metrics.readLog(entries.length, clock.monotonic() - start);
      cache.fill(entries);
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
    this.#finish(load, outcome);
    this.#next();
  }

  #finish(load: Load, outcome: (waiter: Waiter) => LoadOutcome): void {
    this.#loads.delete(`${load.index} ${load.channel}`);
    for (const [place, waiter] of load.waiters.entries()) waiter.done(outcome(waiter), place === 0);
  }

  /** @returns the rows of a chunk, and a number up to which the channel had been filled when they were read. */
  async #fetch(channel: string, index: number): Promise<{ entries: LogEntry[]; head: number }> {
    const read = () => this.#deps.log.read(channel, index * CHUNK_SPAN, (index + 1) * CHUNK_SPAN);
    const entries = await read();
    const last = entries.at(-1);
    if (last) return { entries, head: last.seq };
    // Nothing is there any more, or nothing yet: a head that is older than a second look tells.
    const [head] = await this.#deps.log.heads([channel]);
    const again = await read();
    return { entries: again, head: again.at(-1)?.seq ?? head?.seq ?? 0 };
  }
}
