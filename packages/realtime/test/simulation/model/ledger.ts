import { isDeepStrictEqual } from 'node:util';
import { channelName } from '../../../src/domain/channel.ts';
import type { LogEntry } from '../../../src/domain/ports.ts';
import type { Verdict } from './verdict.ts';

/** Numbers that one piece of the frame cache spans. */
const PIECE = 128;
/** More than what a frame has beside its content. */
export const FRAME_OVERHEAD = 250;

/** One committed notification, as the model knows it. */
export interface Row {
  readonly channel: string;
  readonly seq: number;
  readonly tag: string;
  readonly time: number;
  readonly json: string;
  /** Its frame as it was first seen; on every connection it is the same, byte for byte (P6). */
  frame: Buffer | undefined;
}

/** What should be committed next. */
export interface Expected {
  readonly channel: string;
  readonly json: string;
}

/** A time that something took, in milliseconds since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface History {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly floors: ReadonlyMap<string, number>;
  readonly changes: ReadonlySet<number>;
}

/** All that was ever committed, by channel and in order: what the simulation holds the log and its delivery against. */
export class Ledger {
  readonly #verdict: Verdict;
  #rows = new Map<string, Row[]>();
  /** The oldest number that retention has left; absent where it never came. */
  #floors = new Map<string, number>();
  #changes = new Set<number>();
  /** Tags of number 0, fixed for each channel, as the server tells them. */
  readonly #firstTags = new Map<string, string>();
  /** Bytes of the newest piece of each channel; more than that after a restore. */
  readonly #pieces = new Map<string, number>();
  #largestPiece = 0;

  constructor(verdict: Verdict, seed: readonly LogEntry[]) {
    this.#verdict = verdict;
    for (const entry of seed) this.#add({ ...entry, frame: undefined });
  }

  get channels(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** Numbers of the committed units of work. */
  get changes(): ReadonlySet<number> {
    return this.#changes;
  }

  /** Bytes that the largest piece of the frame cache may need, at least. */
  get largestPiece(): number {
    return this.#largestPiece;
  }

  head(channel: string): number {
    return this.#rows.get(channel)?.length ?? 0;
  }

  row(channel: string, seq: number): Row | undefined {
    return this.#rows.get(channel)?.[seq - 1];
  }

  /** The oldest number that is kept; one more than the head where none is. */
  floor(channel: string): number {
    return this.#floors.get(channel) ?? 1;
  }

  setFloor(channel: string, floor: number): void {
    this.#floors.set(channel, floor);
  }

  /** The tag at a number of the present history; undefined where there is none, or it was never seen. */
  tag(channel: string, seq: number): string | undefined {
    return seq === 0 ? this.#firstTags.get(channel) : this.row(channel, seq)?.tag;
  }

  /** Learns the tag of number 0. */
  seeFirstTag(channel: string, tag: string): void {
    const known = this.#firstTags.get(channel);
    this.#verdict.expect(
      known === undefined || known === tag,
      'P6',
      () => `the first tag of ${channel} changed from ${known} to ${tag}`,
    );
    this.#firstTags.set(channel, tag);
  }

  /** Takes what one commit brought, and compares it with what it should have brought. */
  commit(entries: readonly LogEntry[], expected: readonly Expected[], during: Span): void {
    for (const channel of new Set([...entries, ...expected].map((row) => row.channel))) {
      const came = entries.filter((row) => row.channel === channel);
      const should = expected.filter((row) => row.channel === channel);
      this.#verdict.expect(
        came.length === should.length,
        'P10',
        () => `${channel} got ${came.length} rows, not ${should.length}`,
      );
      for (const [index, entry] of came.entries()) this.#compare(entry, should[index], during);
    }
  }

  /** Notes a unit of work whose data were committed with its notifications. */
  addChange(id: number): void {
    this.#changes.add(id);
  }

  /** The history as it is now, for {@link restore}. */
  snapshot(): History {
    const rows = new Map([...this.#rows].map(([channel, all]) => [channel, all.slice()]));
    return { rows, floors: new Map(this.#floors), changes: new Set(this.#changes) };
  }

  /** Goes back: what came after the snapshot has never been. */
  restore({ rows, floors, changes }: History): void {
    this.#rows = new Map([...rows].map(([channel, all]) => [channel, all.slice()]));
    this.#floors = new Map(floors);
    this.#changes = new Set(changes);
  }

  #compare(entry: LogEntry, expected: Expected | undefined, during: Span): void {
    const { channel, seq, time, json } = entry;
    const before = this.row(channel, this.head(channel));
    this.#verdict.expect(seq === this.head(channel) + 1, 'P6', () => `${channel} has ${seq} after ${this.head(channel)}`);
    this.#verdict.expect(json === expected?.json, 'P10', () => `${channel}.${seq} holds ${json}, not ${expected?.json}`);
    const least = Math.max(before?.time ?? 0, during.from);
    const most = Math.max(before?.time ?? 0, during.to);
    this.#verdict.expect(
      least <= time && time <= most,
      'P14',
      () => `${channel}.${seq} has time ${time}, not ${least} to ${most}`,
    );
    this.#add({ ...entry, frame: undefined });
  }

  #add(row: Row): void {
    const rows = this.#rows.get(row.channel);
    if (rows) rows.push(row);
    else this.#rows.set(row.channel, [row]);
    const bytes = Buffer.byteLength(row.json) + FRAME_OVERHEAD;
    const inPiece = row.seq % PIECE === 1 ? bytes : (this.#pieces.get(row.channel) ?? 0) + bytes;
    this.#pieces.set(row.channel, inPiece);
    this.#largestPiece = Math.max(this.#largestPiece, inPiece);
  }
}

/** The wire form of a row's place. */
export function cursorOf({ channel, seq, tag }: Pick<Row, 'channel' | 'seq' | 'tag'>): string {
  return `${channelName(channel)}.${seq}.${tag}`;
}

/** Whether a notification says what the row holds, and nothing else. */
export function tells(message: Readonly<Record<string, unknown>>, row: Row): boolean {
  const place = {
    channel: channelName(row.channel),
    seq: row.seq,
    cursor: cursorOf(row),
    time: new Date(row.time).toISOString(),
  };
  return isDeepStrictEqual(message, { ...JSON.parse(row.json), ...place });
}
