import type { ConnectedMessage } from '@friday/protocol';
import { channelName } from '../../../src/domain/channel.ts';
import { cursorOf, type Ledger, type Row } from './ledger.ts';
import { type Expectation, expectationOf, type Part, readPosition } from './resume.ts';
import type { Verdict } from './verdict.ts';

/** What a connection asks for when it opens. */
export interface Request {
  readonly channels: readonly string[];
  readonly position: string | undefined;
}

/** How far one connection has been served, channel by channel, and how far it must be: P7, P8, P9. */
export class Progress {
  readonly #verdict: Verdict;
  readonly #ledger: Ledger;
  readonly #request: Request;
  readonly #expected: Expectation;
  /** Heads when the connection was asked for: what stood then must come before `live`. */
  readonly #headsBefore: ReadonlyMap<string, number>;
  #headsAfter: ReadonlyMap<string, number> = new Map();
  readonly #sent = new Map<string, number>();
  /** Numbers that the server has been told of. */
  readonly #due: Map<string, number>;
  #live = false;

  constructor(deps: { readonly verdict: Verdict; readonly ledger: Ledger }, request: Request) {
    this.#verdict = deps.verdict;
    this.#ledger = deps.ledger;
    this.#request = request;
    this.#expected = expectationOf(deps.ledger, request.channels, request.position);
    this.#headsBefore = this.#heads();
    this.#due = new Map(this.#headsBefore);
  }

  /** The place up to which all has been written, as the server should put it. */
  get position(): string {
    return this.#request.channels.map((channel) => this.#cursorAt(channel, this.#sent.get(channel) ?? 0)).join('~');
  }

  get live(): boolean {
    return this.#live;
  }

  /** Whether a number that comes next has been removed by retention. */
  get gap(): boolean {
    return this.#request.channels.some((channel) => {
      const sent = this.#sent.get(channel) ?? 0;
      return sent < this.#ledger.head(channel) && sent + 1 < this.#ledger.floor(channel);
    });
  }

  /** Notifications that come next and that the server knows of. */
  get due(): readonly Row[] {
    return this.coming.filter(({ channel, seq }) => seq <= (this.#due.get(channel) ?? 0));
  }

  /** Notifications that come next, whether the server knows of them or not. */
  get coming(): readonly Row[] {
    return this.#request.channels.flatMap((channel) => this.#nextRow(channel) ?? []);
  }

  /** The server is told of a number. */
  hint(channel: string, seq: number): void {
    const due = this.#due.get(channel);
    if (due !== undefined) this.#due.set(channel, Math.max(due, Math.min(seq, this.#ledger.head(channel))));
  }

  /** The server has had time to look by itself: all that is committed must come. */
  hintAll(): void {
    for (const channel of this.#request.channels) this.hint(channel, this.#ledger.head(channel));
  }

  connected({ cursor, resumed, reason }: ConnectedMessage): void {
    const { channels, position } = this.#request;
    this.#headsAfter = this.#heads();
    const expected = expectationOf(this.#ledger, channels, position);
    const told = `${position} was answered by resumed ${resumed}, ${reason}`;
    this.#verdict.expect(resumed === this.#expected.resumed || resumed === expected.resumed, 'P8', () => told);
    const reasons = this.#expected.reasons.union(expected.reasons);
    const reasonIsRight = resumed || position === undefined ? reason === undefined : reason !== undefined && reasons.has(reason);
    this.#verdict.expect(reasonIsRight, 'P8', () => `${told}, not ${[...reasons].join(' or ')}`);
    const starts = new Map(readPosition(cursor)?.map((part) => [part.name, part]));
    this.#verdict.expect(starts.size === channels.length, 'P6', () => `connected at ${cursor}, with ${channels.length} channels`);
    const given = new Map((resumed ? readPosition(position ?? '') : undefined)?.map((part) => [part.name, part]));
    for (const channel of channels) this.#start(channel, starts.get(channelName(channel)), given.get(channelName(channel)));
  }

  /** The channel whose next notification has these bytes. */
  next(bytes: Buffer): Row | undefined {
    for (const channel of this.#request.channels) {
      const row = this.#nextRow(channel);
      if (row?.frame?.equals(bytes)) return row;
    }
    return undefined;
  }

  /** The row that a notification names; undefined where nothing like it is committed. */
  find(name: string, seq: number): Row | undefined {
    const channel = this.#request.channels.find((key) => channelName(key) === name);
    return channel === undefined ? undefined : this.#ledger.row(channel, seq);
  }

  notification({ channel, seq }: Row): void {
    const before = this.#sent.get(channel) ?? 0;
    this.#verdict.expect(seq === before + 1, 'P9', () => `${channel}.${seq} came after ${before}`);
    this.#sent.set(channel, seq);
  }

  becomesLive(cursor: string): void {
    this.#verdict.expect(!this.#live, 'P7', () => 'live came twice');
    this.#live = true;
    this.#verdict.expect(cursor === this.position, 'P7', () => `live at ${cursor}, but ${this.position} was sent`);
    this.#verdict.expect(this.#reached(this.#headsBefore), 'P7', () => `live at ${cursor}, before the heads at connected`);
  }

  /** Whether `live` must have come: the heads that stood when `connected` was written are reached. */
  get mustBeLive(): boolean {
    return this.#reached(this.#headsAfter);
  }

  #start(channel: string, start: Part | undefined, given: Part | undefined): void {
    if (!start) return this.#verdict.report('P6', `connected names no cursor of ${channel}`);
    const { seq, tag } = start;
    if (seq === 0) this.#ledger.seeFirstTag(channel, tag);
    const known = this.#ledger.tag(channel, seq);
    this.#verdict.expect(tag === known, 'P8', () => `connected at ${channel}.${seq}.${tag}, which is ${known} in the log`);
    const isRight = given
      ? seq === given.seq && tag === given.tag
      : seq >= (this.#headsBefore.get(channel) ?? 0) && seq <= this.#ledger.head(channel);
    this.#verdict.expect(
      isRight,
      given ? 'P9' : 'P7',
      () => `${channel} starts at ${seq}, the head is ${this.#ledger.head(channel)}`,
    );
    this.#sent.set(channel, seq);
  }

  #nextRow(channel: string): Row | undefined {
    return this.#ledger.row(channel, (this.#sent.get(channel) ?? 0) + 1);
  }

  #cursorAt(channel: string, seq: number): string {
    return cursorOf({ channel, seq, tag: this.#ledger.tag(channel, seq) ?? '' });
  }

  #reached(heads: ReadonlyMap<string, number>): boolean {
    return [...heads].every(([channel, head]) => (this.#sent.get(channel) ?? 0) >= head);
  }

  #heads(): Map<string, number> {
    return new Map(this.#request.channels.map((channel) => [channel, this.#ledger.head(channel)]));
  }
}
