import {
  advancePosition,
  BEARER_SUBPROTOCOL_PREFIX,
  type ConnectedMessage,
  type ControlMessage,
  type Notification,
  parsePosition,
  parseServerMessage,
  SUBPROTOCOL,
  WEBSOCKET_PATH,
} from '@friday/protocol';
import { WebSocket } from 'ws';

/** The three ways to say who one is; rule P2. */
export type Credential = 'header' | 'subprotocol' | 'frame';

export interface Opening {
  readonly token: string;
  /** In the first frame unless said otherwise. */
  readonly by?: Credential;
  /** The position to resume from. */
  readonly cursor?: string | undefined;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

type Frame = ControlMessage | Notification;

const DEADLINE_MS = 15_000;

/**
 * A client's WebSocket that keeps every frame, checks each against the protocol's schemas, and each channel's numbers for gaps and
 * repetitions (P9).
 */
export class LiveSocket {
  /** All frames, in order. */
  readonly frames: Frame[] = [];
  readonly notifications: Notification[] = [];
  /** Resolves when the connection has ended, also where it was refused. */
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #connected: ConnectedMessage | undefined;
  #position = '';
  #fault: Error | undefined;
  #ended = false;

  constructor(serverUrl: string, { token, by = 'frame', cursor }: Opening) {
    const query = cursor !== undefined && by !== 'frame' ? `?cursor=${encodeURIComponent(cursor)}` : '';
    const protocols = by === 'subprotocol' ? [SUBPROTOCOL, BEARER_SUBPROTOCOL_PREFIX + token] : [SUBPROTOCOL];
    const headers = by === 'header' ? { authorization: `Bearer ${token}` } : {};
    this.#socket = new WebSocket(serverUrl.replace('http', 'ws') + WEBSOCKET_PATH + query, protocols, { headers });
    if (by === 'frame') this.#socket.on('open', () => this.send({ type: 'authenticate', token, ...(cursor && { cursor }) }));
    this.#socket.on('message', (data) => this.#take(String(data)));
    this.#socket.on('error', (error) => {
      this.#fault ??= error;
    });
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => {
        this.#ended = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** The frame of that name. @throws Error where it has not come yet. */
  get connected(): ConnectedMessage {
    if (this.#connected === undefined) throw new Error('There was no `connected` yet.');
    return this.#connected;
  }

  /** What a client would keep, and resume from. */
  get position(): string {
    return this.#position;
  }

  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Resolves when the condition holds. Rejects at the deadline, when the socket ends, and at the first frame that is wrong. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(this.#disappointed(what, 'in time'))), DEADLINE_MS);
      const settle = (answer: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        answer();
      };
      const look = () => {
        const fault = this.#fault;
        if (fault) settle(() => reject(fault));
        else if (condition()) settle(resolve);
        else if (this.#ended) settle(() => reject(this.#disappointed(what, 'before the connection ended')));
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves with this socket once all that stood at `connected` has come. */
  async live(): Promise<this> {
    await this.until('`live`', () => this.frames.some(({ type }) => type === 'live'));
    return this;
  }

  /** Resolves with the first notifications, as many as are asked for. */
  async first(count: number): Promise<readonly Notification[]> {
    await this.until(`${count} notifications`, () => this.notifications.length >= count);
    return this.notifications.slice(0, count);
  }

  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Closes it as a client does that leaves. */
  async close(): Promise<Closed> {
    this.#socket.close(1000);
    return this.closed;
  }

  #take(text: string): void {
    try {
      const frame = parseServerMessage(text);
      if (frame.kind !== 'control' && frame.kind !== 'notification') throw new Error(`A frame is not valid: ${text}`);
      if (frame.kind === 'notification') this.#takeNotification(frame.message);
      else this.#takeControl(frame.message);
      this.frames.push(frame.message);
    } catch (error) {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#wake();
  }

  #takeControl(message: ControlMessage): void {
    if (message.type !== 'connected') return;
    this.#connected = message;
    this.#position = message.cursor;
  }

  #takeNotification(message: Notification): void {
    const last = parsePosition(this.#position)?.find(({ channel }) => channel === message.channel)?.seq;
    if (last === undefined || message.seq !== last + 1) {
      throw new Error(`[P9] ${message.channel} went from ${last} to ${message.seq}.`);
    }
    this.notifications.push(message);
    this.#position = advancePosition(this.#position, message.cursor);
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #disappointed(what: string, when: string): Error {
    return new Error(`No ${what} ${when}. Frames so far: ${this.frames.map(({ type }) => type).join(', ')}.`);
  }
}

/** Connects. @returns the socket once it is live. */
export function openLive(serverUrl: string, opening: Opening): Promise<LiveSocket> {
  return new LiveSocket(serverUrl, opening).live();
}
