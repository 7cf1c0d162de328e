/**
 * A WebSocket client reduced to what load needs, so that thousands fit into one process: it counts messages by their frames' headers,
 * answers pings, and can stop reading as a stalled phone does.
 */
import { connect, type Socket } from 'node:net';
import { DIALECTS, type DialectName } from './dialects.ts';
import type { Tally } from './tally.ts';

/** A fixed key will do: nothing here caches. RFC 6455 section 4.1. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const NOTHING = Buffer.alloc(0);

/** All clients of a process receive into it, one after the other: with a buffer of its own, a paused socket really reads nothing. */
const RECEIVED = Buffer.alloc(256 * 1024);

/** Called with the text of a message: `bytes` from `start` to `end`, which are its only until it returns. */
export type OnMessage = (bytes: Buffer, start: number, end: number) => void;

export interface SocketClientOptions {
  readonly port: number;
  /** Default: Friday's. */
  readonly dialect?: DialectName;
  /** What Friday is shown. */
  readonly token?: string;
  /** Loopback address to come from. */
  readonly localAddress?: string;
  /** Position to resume from. */
  readonly position?: string;
  /** Counts the messages of this client with those of others. */
  readonly tally?: Tally;
  readonly onMessage?: OnMessage;
}

export class SocketClient {
  /** Messages so far: Friday's notifications, Socket.IO's events. */
  notifications = 0;
  /** The position that `live` named; Friday only. */
  position = '';
  /** Milliseconds from the accepted TCP connect to `live`, and from the call to it. */
  liveAfterMs = Number.NaN;
  openedAfterMs = Number.NaN;
  /** Resolves once the connection is in use; rejects when it ends before. */
  readonly live: Promise<void>;
  /** Resolves when the socket has ended, with the time of it. */
  readonly ended: Promise<number>;
  /** Close code of the server, once it has sent one. */
  closeCode: number | undefined;
  readonly #socket: Socket;
  readonly #options: SocketClientOptions;
  readonly #dialect: (typeof DIALECTS)[DialectName];
  readonly #madeAt = performance.now();
  #rest: Buffer = NOTHING;
  #upgraded = false;
  #connectedAt = 0;
  #onLive: () => void = () => undefined;

  constructor(options: SocketClientOptions) {
    const { port, localAddress = '127.0.0.1', dialect = 'friday' } = options;
    this.#options = options;
    this.#dialect = DIALECTS[dialect];
    const onread = {
      buffer: RECEIVED,
      callback: (size: number) => {
        this.#receive(RECEIVED.subarray(0, size));
        return true;
      },
    };
    this.#socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true, onread });
    this.#socket.on('connect', () => this.#handshake());
    this.ended = new Promise((resolve) => this.#socket.once('close', () => resolve(performance.now())));
    this.live = new Promise((resolve, reject) => {
      this.#onLive = resolve;
      this.#socket.once('error', reject);
      void this.ended.then(() => reject(new Error(`The connection ended before live: ${this.#rest.toString('latin1', 0, 200)}`)));
    });
    this.live.catch(() => undefined);
  }

  /** Stops reading: the kernel's buffers fill, then the server's. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#socket.resetAndDestroy();
  }

  /** Asks for the end with code 1000, as applications do. */
  close(): void {
    this.#socket.write(masked(CLOSE, Buffer.from([0x03, 0xe8])));
  }

  #handshake(): void {
    const { token = '', position } = this.#options;
    this.#connectedAt = performance.now();
    const { path, headers } = this.#dialect.upgrade(token, position);
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\n` +
        `Sec-WebSocket-Version: 13\r\n${headers}\r\n`,
    );
  }

  #receive(data: Buffer): void {
    this.#options.tally?.read();
    let bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    if (!this.#upgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      this.#upgraded = end >= 0 && bytes.toString('latin1', 9, 12) === '101';
      if (this.#upgraded) bytes = bytes.subarray(end + 4);
    }
    const used = this.#upgraded ? this.#readFrames(bytes) : 0;
    this.#rest = used === bytes.length ? NOTHING : Buffer.from(bytes.subarray(used));
  }

  /** @returns the bytes that were whole frames. */
  #readFrames(bytes: Buffer): number {
    let at = 0;
    while (at + 2 <= bytes.length) {
      let size = (bytes[at + 1] ?? 0) & 0x7f;
      let start = at + 2;
      if (size === 126) {
        if (at + 4 > bytes.length) break;
        size = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
        start = at + 4;
      }
      const end = start + size;
      if (end > bytes.length) break;
      const opcode = (bytes[at] ?? 0) & 0x0f;
      if (opcode === TEXT) this.#takeText(bytes, start, end);
      else this.#takeControl(opcode, bytes.subarray(start, end));
      at = end;
    }
    return at;
  }

  #takeControl(opcode: number, payload: Buffer): void {
    if (opcode === PING) this.#socket.write(masked(PONG, payload));
    else if (opcode === CLOSE) {
      this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end(masked(CLOSE, payload.subarray(0, 2)));
    }
  }

  #takeText(bytes: Buffer, start: number, end: number): void {
    const kind = this.#dialect.kindOf(bytes, start, end);
    if (kind === 'message') {
      const { tally, onMessage } = this.#options;
      this.notifications++;
      tally?.add(bytes, start, end);
      onMessage?.(bytes, start, end);
      return;
    }
    const answer = this.#dialect.answers[kind];
    if (answer !== undefined) this.#socket.write(masked(TEXT, Buffer.from(answer)));
    if (kind === 'ready') this.#ready(bytes.toString('latin1', start, end));
  }

  #ready(text: string): void {
    const time = performance.now();
    this.liveAfterMs = time - this.#connectedAt;
    this.openedAfterMs = time - this.#madeAt;
    this.position = /"cursor":"([^"]*)"/.exec(text)?.[1] ?? '';
    this.#onLive();
  }
}

/** A masked frame of up to 125 bytes, with a mask of zeros: RFC 6455 section 5.3 asks for one, of any value. */
function masked(opcode: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(6 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | payload.length;
  payload.copy(frame, 6);
  return frame;
}
