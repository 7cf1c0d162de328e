import { channelName } from '../../domain/channel.ts';
import type { LogEntry } from '../../domain/ports.ts';
import { headerBytes, Opcode, writeHeader } from './framing.ts';

/** Numbers that one chunk spans: it starts at 1, 1 + 128, …, so that all readers of a channel share the same chunks. */
export const CHUNK_SPAN = 128;
const FIRST_CAPACITY = 1024;

/** Ready frames: what one write carries, and where it leaves the reader. */
export interface Slice {
  readonly bytes: Buffer;
  readonly seq: number;
  readonly tag: string;
}

/** The chunk that holds this number. */
export function chunkIndex(seq: number): number {
  return Math.floor((seq - 1) / CHUNK_SPAN);
}

/**
 * Consecutive frames of one channel, encoded once, end to end in one buffer: what follows any cursor is a view of it, and no
 * bytes are ever joined or copied for a connection (I6).
 */
export class Chunk {
  /** Number of the first frame. */
  readonly first: number;
  readonly #tags: string[] = [];
  /** Offset behind each frame. */
  readonly #ends: number[] = [];
  #buffer: Buffer;
  #used = 0;
  #last: { readonly from: number; readonly to: number; readonly slice: Slice } | undefined;

  constructor(first: number) {
    this.first = first;
    this.#buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  }

  /** The number that would follow. */
  get next(): number {
    return this.first + this.#tags.length;
  }

  /** Memory that the frames take. */
  get bytes(): number {
    return this.#buffer.length;
  }

  /** Adds the frame with the number {@link next}. */
  append(entry: LogEntry): void {
    const text = encode(entry);
    const payload = Buffer.byteLength(text);
    const end = this.#used + headerBytes(payload) + payload;
    if (end > this.#buffer.length) this.#grow(end);
    const start = writeHeader(this.#buffer, this.#used, Opcode.Text, payload);
    this.#buffer.write(text, start);
    this.#used = end;
    this.#ends.push(end);
    this.#tags.push(entry.tag);
  }

  /**
   * The frames after `after`, as many as fit in `budget` bytes.
   * @returns undefined when not even the next one is here or fits.
   */
  slice(after: number, budget: number): Slice | undefined {
    const from = after + 1 - this.first;
    if (from < 0 || from >= this.#ends.length) return undefined;
    const start = from === 0 ? 0 : (this.#ends[from - 1] ?? 0);
    let to = this.#ends.length - 1;
    while (to >= from && (this.#ends[to] ?? 0) - start > budget) to--;
    if (to < from) return undefined;
    if (this.#last?.from === from && this.#last.to === to) return this.#last.slice;
    const bytes = this.#buffer.subarray(start, this.#ends[to]);
    const slice = { bytes, seq: this.first + to, tag: this.#tags[to] ?? '' };
    this.#last = { from, to, slice };
    return slice;
  }

  /** A larger buffer; views of the old one stay as they are. */
  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}

/** The frame's text: what the service announced, then its place in the log (P6, P14). */
function encode({ channel, seq, tag, time, json }: LogEntry): string {
  const name = channelName(channel);
  const place = `"channel":"${name}","seq":${seq},"cursor":"${name}.${seq}.${tag}","time":"${new Date(time).toISOString()}"`;
  return `${json.slice(0, -1)},${place}}`;
}
