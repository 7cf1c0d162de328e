import { type ControlMessage, formatPosition } from '@friday/protocol';
import { channelName } from '../../../src/domain/channel.ts';
import type { Connection } from '../../../src/service/connections/connection.ts';
import { cursorOf, type Row } from '../model/ledger.ts';
import { type Part, readPosition } from '../model/resume.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Received } from '../model/wire.ts';
import type { Witness } from '../model/witness.ts';
import type { SimulatedSocket } from './socket.ts';

/** Bytes that a peer reads in a quarter of a second when nothing holds it up. */
export const UNHURRIED = 1_000_000_000;

/** One connection: its socket, who watches it, and who holds its other end. */
export interface Link {
  readonly socket: SimulatedSocket;
  readonly witness: Witness;
  /** The client at the other end; undefined when it has gone without a word. */
  peer: Peer | undefined;
  /** What the service calls it; undefined before the upgrade is complete. */
  connection: Connection | undefined;
  /** Whether the socket is gone. */
  gone: boolean;
  /** Monotonic milliseconds at which a socket that was closed ends without the peer's answer. */
  endsAt: number | undefined;
}

/** A client that keeps its position by the rules of the protocol, and may read slowly, stop, or go away. */
export class Peer {
  readonly userId: string;
  link: Link | undefined;
  /** The position that its last REST read carried (P11). */
  fetched: string | undefined;
  /** Bytes that it still reads before the next sweep. */
  allowance = UNHURRIED;
  #pace = UNHURRIED;
  #position = new Map<string, Part>();
  /** Positions that it has had. */
  readonly #past: string[] = [];

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Its position in wire form; undefined before the first `connected`. */
  get position(): string | undefined {
    return this.#position.size === 0 ? undefined : formatPosition(this.#cursors);
  }

  /** Number of the last notification that it has read in a channel. */
  seq(channel: string): number | undefined {
    return this.#position.get(channelName(channel))?.seq;
  }

  /** One of the positions that it has had. */
  pastPosition(pick: number): string | undefined {
    return this.#past.at(-1 - (pick % Math.max(1, this.#past.length)));
  }

  /** Whether nothing holds it up. */
  get unhurried(): boolean {
    return this.#pace === UNHURRIED;
  }

  /** @param bytes that it reads from one sweep to the next. */
  setPace(bytes: number): void {
    this.#pace = bytes;
    this.allowance = bytes;
  }

  /** Time has passed. */
  refresh(): void {
    this.allowance = this.#pace;
  }

  /** Reads a frame. @returns the payload of the pong that it calls for. */
  receive(frame: Received, verdict: Verdict): Buffer | undefined {
    if (frame.kind === 'notification') this.#notification(frame.row, frame.bytes, verdict);
    else if (frame.kind === 'control') this.#control(frame.message, verdict);
    else if (frame.kind === 'ping') return frame.payload;
    return undefined;
  }

  get #cursors(): Array<{ channel: string; seq: number; tag: string }> {
    return [...this.#position.values()].map(({ name, seq, tag }) => ({ channel: name, seq, tag }));
  }

  #notification(row: Row, bytes: Buffer, verdict: Verdict): void {
    const name = channelName(row.channel);
    const before = this.#position.get(name)?.seq;
    verdict.expect(before === row.seq - 1, 'P9', () => `${this.userId} reads ${cursorOf(row)} after ${before}`);
    verdict.expect(row.frame?.equals(bytes) === true, 'P6', () => `the bytes of ${cursorOf(row)} changed on their way`);
    this.#position.set(name, { name, seq: row.seq, tag: row.tag });
    this.#remember();
  }

  #control(message: ControlMessage, verdict: Verdict): void {
    if (message.type === 'connected') {
      this.#position = new Map(readPosition(message.cursor)?.map((part) => [part.name, part]));
      this.#remember();
    } else if (message.type === 'live' || message.type === 'heartbeat') {
      const parts = new Set(message.cursor.split('~'));
      const own = new Set(this.position?.split('~'));
      verdict.expect(
        parts.symmetricDifference(own).size === 0,
        'P6',
        () => `${message.type} at ${message.cursor}, read ${this.position}`,
      );
    }
  }

  #remember(): void {
    const { position } = this;
    if (position !== undefined) this.#past.push(position);
  }
}
