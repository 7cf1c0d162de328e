import type { CacheStats } from '../../domain/metrics.ts';
import type { LogEntry } from '../../domain/ports.ts';
import { Chunk, chunkIndex, type Slice } from './chunk.ts';

/** Recent and replayed frames of all channels, in chunks, bounded in bytes: the chunk that was used longest ago goes first (I5). */
export class FrameCache {
  readonly #maxBytes: number;
  readonly #channels = new Map<string, Map<number, Chunk>>();
  /** All chunks with their place, least recently used first. */
  readonly #used = new Map<Chunk, { readonly channel: string; readonly index: number }>();
  #newest: Chunk | undefined;
  #bytes = 0;
  #hits = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Memory that all frames take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What it holds, and how many slices it has given. */
  get stats(): Omit<CacheStats, 'misses'> {
    return { bytes: this.#bytes, hits: this.#hits };
  }

  /** Takes a frame that has just been committed. One that does not follow its chunk starts the chunk anew. */
  append(entry: LogEntry): void {
    const index = chunkIndex(entry.seq);
    let chunk = this.#channels.get(entry.channel)?.get(index);
    if (chunk && entry.seq < chunk.next) return;
    if (!chunk || entry.seq > chunk.next) chunk = this.#start(entry.channel, index, entry.seq);
    this.#add(chunk, entry);
    this.#touch(chunk);
    this.#evict();
  }

  /** Takes consecutive rows of one chunk, read from the log, in place of what is there unless that reaches as far. */
  fill(entries: readonly LogEntry[]): void {
    const [first] = entries;
    const last = entries.at(-1);
    if (!first || !last) return;
    const index = chunkIndex(first.seq);
    const present = this.#channels.get(first.channel)?.get(index);
    if (present && present.first <= first.seq && present.next > last.seq) return;
    const chunk = this.#start(first.channel, index, first.seq);
    for (const entry of entries) this.#add(chunk, entry);
    this.#evict();
  }

  /** The frames of a channel after `after`: as many as one chunk holds and `budget` bytes allow; undefined on a miss. */
  slice(channel: string, after: number, budget: number): Slice | undefined {
    const chunk = this.#channels.get(channel)?.get(chunkIndex(after + 1));
    const slice = chunk?.slice(after, budget);
    if (!chunk || !slice) return undefined;
    this.#hits++;
    this.#touch(chunk);
    return slice;
  }

  /** Whether the frame with this number is here. */
  has(channel: string, seq: number): boolean {
    const chunk = this.#channels.get(channel)?.get(chunkIndex(seq));
    return chunk !== undefined && chunk.first <= seq && seq < chunk.next;
  }

  #start(channel: string, index: number, first: number): Chunk {
    let chunks = this.#channels.get(channel);
    if (!chunks) {
      chunks = new Map();
      this.#channels.set(channel, chunks);
    }
    const old = chunks.get(index);
    if (old) this.#forget(old);
    const chunk = new Chunk(first);
    chunks.set(index, chunk);
    this.#used.set(chunk, { channel, index });
    this.#newest = chunk;
    this.#bytes += chunk.bytes;
    return chunk;
  }

  #add(chunk: Chunk, entry: LogEntry): void {
    const before = chunk.bytes;
    chunk.append(entry);
    this.#bytes += chunk.bytes - before;
  }

  #touch(chunk: Chunk): void {
    if (chunk === this.#newest) return;
    const place = this.#used.get(chunk);
    if (!place) return;
    this.#used.delete(chunk);
    this.#used.set(chunk, place);
    this.#newest = chunk;
  }

  /** Makes room; the newest chunk stays, however large, so that its reader gets on. */
  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const [oldest] = this.#used;
      if (!oldest || oldest[0] === this.#newest) return;
      const [chunk, { channel, index }] = oldest;
      this.#forget(chunk);
      const chunks = this.#channels.get(channel);
      chunks?.delete(index);
      if (chunks?.size === 0) this.#channels.delete(channel);
    }
  }

  #forget(chunk: Chunk): void {
    this.#used.delete(chunk);
    this.#bytes -= chunk.bytes;
  }
}
