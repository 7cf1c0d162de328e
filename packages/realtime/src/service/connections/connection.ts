import { randomUUID } from 'node:crypto';
import { type ControlMessage, formatPosition, type ProtocolErrorCode } from '@friday/protocol';
import { channelName } from '../../domain/channel.ts';
import type { Principal } from '../../domain/ports.ts';
import type { Transport } from '../../domain/transport.ts';
import { TokenBucket } from '../admission/token-bucket.ts';
import { frame, Opcode } from '../delivery/framing.ts';
import { Window } from '../delivery/window.ts';

/** Answers that may wait for a peer that sends but does not read. */
const MAX_ANSWERS = 32;

/** A channel that connections of this process follow. */
export class Channel {
  readonly key: string;
  readonly name: string;
  /** Newest number known to be committed. */
  head = 0;
  /** Number up to which a whole pass has served those who keep up. */
  served = 0;
  readonly subscriptions = new Set<Subscription>();
  /** Those who need it: subscriptions, and connections that are about to subscribe. */
  users = 0;

  constructor(key: string) {
    this.key = key;
    this.name = channelName(key);
  }
}

/** One connection's cursor in one channel. */
export interface Subscription {
  readonly connection: Connection;
  readonly channel: Channel;
  /** Number and mark of the last notification sent (P9). */
  seq: number;
  tag: string;
  /** The head that stood at `connected` (P7). */
  readonly target: number;
}

/**
 * - `new`: nothing but one frame is allowed (P5); `authenticating`: that frame is being looked at;
 * - `open`: the pump delivers; `ended`: a close has been sent or the socket is gone.
 */
type Phase = 'new' | 'authenticating' | 'open' | 'ended';

/** The state of one connection. Its memory is bounded whatever its peer does: cursors, flags, and a few answers (I5). */
export class Connection {
  readonly id: string = randomUUID();
  readonly transport: Transport;
  readonly window: Window;
  phase: Phase = 'new';
  principal: Principal | undefined;
  /** The position that the URL named, until the first frame is looked at. */
  givenPosition: string | undefined;
  subscriptions: readonly Subscription[] = [];
  /** Whether `live` has been sent. */
  live = false;
  /** Monotonic milliseconds of `connected`, where something was missed and `live` has not come yet. */
  catchingUpSince: number | undefined;
  /** Whether a log read for this connection is under way. */
  loading = false;
  /** Whether a failed delivery has been logged. */
  failureLogged = false;
  /** The close that this side has begun. */
  closedBy: ProtocolErrorCode | undefined;
  /** Sweeps that it has waited for its first frame. */
  sweeps = 0;
  /** Monotonic milliseconds of the last write. */
  lastWrite: number;
  /** Monotonic milliseconds since which nothing may be written. */
  blockedSince: number | undefined;
  /** Flags that the pump turns into frames once the connection is writable. */
  heartbeatDue = false;
  pingDue = false;
  expiryAnnounced = false;
  pingPayload: Uint8Array | undefined;
  /** Counts the frames that the peer sends. */
  readonly received = new TokenBucket();
  /** When the last invalid frames came, monotonic milliseconds (P13). */
  faults: number[] = [];
  #answers: ControlMessage[] = [];

  /** @param now monotonic milliseconds. */
  constructor(transport: Transport, windowBytes: number, now: number) {
    this.transport = transport;
    this.window = new Window(windowBytes, now);
    this.lastWrite = now;
  }

  /** Queues an answer. @returns false when too many wait already: the peer does not read them. */
  answer(message: ControlMessage): boolean {
    if (this.#answers.length >= MAX_ANSWERS) return false;
    this.#answers.push(message);
    return true;
  }

  /** Whether there is anything to send but notifications. */
  get controlDue(): boolean {
    return this.heartbeatDue || this.pingDue || this.pingPayload !== undefined || this.#answers.length > 0;
  }

  /** Whether some channel has more than was sent. */
  get behind(): boolean {
    return this.subscriptions.some((subscription) => subscription.seq < subscription.channel.head);
  }

  /** Whether all that stood at `connected` has been sent, and `live` has not. */
  get liveDue(): boolean {
    return !this.live && this.phase === 'open' && this.subscriptions.every(({ seq, target }) => seq >= target);
  }

  /** The position as sent (P6). */
  get position(): string {
    return formatPosition(this.subscriptions.map(({ channel, seq, tag }) => ({ channel: channel.name, seq, tag })));
  }

  /** Takes the frames that are due but for notifications and pings, in their order. @param now milliseconds since 1970. */
  takeControlFrames(now: number): Buffer[] {
    const frames = this.#answers.map(controlFrame);
    this.#answers = [];
    if (this.pingPayload) frames.push(frame(Opcode.Pong, this.pingPayload));
    this.pingPayload = undefined;
    if (this.heartbeatDue) {
      frames.push(controlFrame({ type: 'heartbeat', cursor: this.position, server_time: new Date(now).toISOString() }));
    }
    this.heartbeatDue = false;
    this.pingDue = false;
    return frames;
  }
}

/** A control message as a text frame. */
export function controlFrame(message: ControlMessage): Buffer {
  return frame(Opcode.Text, JSON.stringify(message));
}
