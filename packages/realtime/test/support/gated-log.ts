import type { ChangeLog, Head, Located, LogEntry } from '../../src/domain/ports.ts';

/** A log on a database that is slow or fails when the test says so. What it answers comes from a real one. */
export class GatedLog implements ChangeLog {
  readonly #log: ChangeLog;
  /** The reads of rows so far: channel, after, through. */
  readonly reads: Array<readonly [channel: string, after: number, through: number]> = [];
  /** The channels whose heads were asked for, each time. */
  readonly headsAsked: Array<readonly string[]> = [];
  /** Set: every answer waits for it. */
  gate: Promise<unknown> | undefined;
  /** Set: every request is answered with it. */
  failure: unknown;

  constructor(log: ChangeLog) {
    this.#log = log;
  }

  heads(channels: readonly string[]): Promise<Head[]> {
    this.headsAsked.push(channels);
    return this.#pass(this.#log.heads(channels));
  }

  locate(channel: string, seq: number): Promise<Located> {
    return this.#pass(this.#log.locate(channel, seq));
  }

  read(channel: string, after: number, through: number): Promise<LogEntry[]> {
    this.reads.push([channel, after, through]);
    return this.#pass(this.#log.read(channel, after, through));
  }

  changedWithin(ms: number): Promise<Head[]> {
    return this.#pass(this.#log.changedWithin(ms));
  }

  async #pass<T>(answer: Promise<T>): Promise<T> {
    const found = await answer;
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    return found;
  }
}
