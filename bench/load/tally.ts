import { now, readMadeAt, readStamp } from './clock.ts';
import { Samples } from './samples.ts';

/** What a process has received since it was last asked. */
export interface Counts {
  readonly messages: number;
  readonly bytes: number;
  /** Milliseconds since the start. */
  readonly tookMs: number;
  /** Milliseconds from a message's stamp to its arrival, of a sample. */
  readonly latencies: Float64Array;
  /** Milliseconds from when Friday made a notification, of the same sample; its times are whole milliseconds. */
  readonly madeLatencies: Float64Array;
  /** By stamp: how many of that message have come, and when the last did. Empty unless it was asked for. */
  readonly lasts: ReadonlyMap<number, Last>;
}

export interface Last {
  count: number;
  at: number;
}

export interface TallyOptions {
  /** One message in so many is looked into; the others are only counted. 1 for all, 0 for none. */
  readonly sampleEvery: number;
  /** Whether notifications of Friday's are looked into for the time when they were made. */
  readonly made?: boolean;
  /** Whether the last arrival of each message is kept. */
  readonly lasts?: boolean;
}

/** Counts the messages of all connections of a process, and looks into some. */
export class Tally {
  #options: TallyOptions = { sampleEvery: 0 };
  #messages = 0;
  #bytes = 0;
  #untilSample = 0;
  #startedAt = now();
  /** The clocks at the last read from a socket. */
  #readAt = 0;
  #readDate = 0;
  readonly #latencies = new Samples();
  readonly #madeLatencies = new Samples();
  #lasts = new Map<number, Last>();

  /** Messages since the last {@link take}. */
  get messages(): number {
    return this.#messages;
  }

  /** Starts anew. */
  start(options: TallyOptions): void {
    this.take();
    this.#startedAt = now();
    this.#options = options;
    this.#untilSample = options.sampleEvery;
  }

  /** To be called when bytes have come, before the messages in them are added: one look at the clock serves them all. */
  read(): void {
    this.#readAt = now();
    this.#readDate = Date.now();
  }

  /** Adds the message whose text is in `bytes` from `start` to `end`. */
  add(bytes: Buffer, start: number, end: number): void {
    this.#messages++;
    this.#bytes += end - start;
    if (--this.#untilSample !== 0) return;
    this.#untilSample = this.#options.sampleEvery;
    this.#look(bytes, start, end);
  }

  /** @returns what has come since the last call. */
  take(): Counts {
    const lasts = this.#lasts;
    const counts = { messages: this.#messages, bytes: this.#bytes, tookMs: now() - this.#startedAt, lasts };
    this.#messages = 0;
    this.#bytes = 0;
    this.#lasts = new Map();
    return { ...counts, latencies: this.#latencies.take(), madeLatencies: this.#madeLatencies.take() };
  }

  #look(bytes: Buffer, start: number, end: number): void {
    const stamp = readStamp(bytes, start, end);
    if (stamp === undefined) return;
    this.#latencies.add(this.#readAt - stamp);
    if (this.#options.made) this.#madeLatencies.add(this.#readDate - readMadeAt(bytes, end));
    if (!this.#options.lasts) return;
    const last = this.#lasts.get(stamp);
    if (last) {
      last.count++;
      last.at = this.#readAt;
    } else this.#lasts.set(stamp, { count: 1, at: this.#readAt });
  }
}
