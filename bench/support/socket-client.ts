/**
 * A WebSocket client reduced to what load needs, so that thousands fit into one process: it counts notifications, answers pings, and can
 * stop reading as a stalled phone does.
 */
import { connect, type Socket } from 'node:net';

/** A fixed key will do: nothing here caches. RFC 6455 section 4.1. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** All clients of a process receive into it, one after the other: with a buffer of its own, a paused socket really reads nothing. */
const RECEIVED = Buffer.alloc(64 * 1024);

export interface SocketClientOptions {
  readonly port: number;
  readonly token: string;
  /** Loopback address to come from. */
  readonly localAddress?: string;
  /** Position to resume from. */
  readonly position?: string;
  /** Called with the text of each notification; absent where counting is enough. */
  readonly onNotification?: (text: string) => void;
}

export class SocketClient {
  /** Notifications so far. */
  notifications = 0;
  /** The position that `live` named. */
  position = '';
  /** Milliseconds from the accepted TCP connect to `live`. */
  liveAfterMs = Number.NaN;
  /** Resolves at `live`; rejects when the connection ends before. */
  readonly live: Promise<void>;
  /** Resolves when the socket has ended, with the time of it. */
  readonly ended: Promise<number>;
  /** Close code of the server, once it has sent one. */
  closeCode: number | undefined;
  readonly #socket: Socket;
  readonly #options: SocketClientOptions;
  #rest: Buffer = Buffer.alloc(0);
  #upgraded = false;
  #connectedAt = 0;
  #onLive: () => void = () => undefined;

  constructor(options: SocketClientOptions) {
    const { port, localAddress = '127.0.0.1' } = options;
    this.#options = options;
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

  #handshake(): void {
    const { token, position } = this.#options;
    this.#connectedAt = performance.now();
    const query = position === undefined ? '' : `?cursor=${encodeURIComponent(position)}`;
    this.#socket.write(
      `GET /v1/ws${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\n` +
        `Sec-WebSocket-Version: 13\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
  }

  #receive(data: Buffer): void {
    let bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    if (!this.#upgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      this.#upgraded = end >= 0 && bytes.toString('latin1', 9, 12) === '101';
      if (this.#upgraded) bytes = bytes.subarray(end + 4);
    }
    this.#rest = Buffer.from(this.#upgraded ? bytes.subarray(this.#readFrames(bytes)) : bytes);
  }

  /** @returns the bytes that were whole frames. */
  #readFrames(bytes: Buffer): number {
    let at = 0;
    while (at + 2 <= bytes.length) {
      let size = (bytes[at + 1] ?? 0) & 0x7f;
      let start = at + 2;
      if (size === 126) {
        if (at + 4 > bytes.length) break;
        size = bytes.readUInt16BE(at + 2);
        start = at + 4;
      }
      if (start + size > bytes.length) break;
      this.#take((bytes[at] ?? 0) & 0x0f, bytes.subarray(start, start + size));
      at = start + size;
    }
    return at;
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === PING) this.#socket.write(answer(PONG, payload));
    else if (opcode === CLOSE) this.#close(payload);
    else if (opcode === TEXT) this.#takeText(payload);
  }

  #close(payload: Buffer): void {
    this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#socket.end(answer(CLOSE, payload.subarray(0, 2)));
  }

  /** Notifications have a dot in their type, and their type first. */
  #takeText(payload: Buffer): void {
    const typeEnd = payload.indexOf(0x22, 9);
    if (payload.subarray(9, typeEnd).includes(0x2e)) {
      this.notifications++;
      this.#options.onNotification?.(payload.toString());
    } else if (payload.toString('latin1', 9, typeEnd) === 'live') {
      this.liveAfterMs = performance.now() - this.#connectedAt;
      this.position = String(JSON.parse(payload.toString()).cursor);
      this.#onLive();
    }
  }
}

/** A masked control frame, with a mask of zeros: RFC 6455 section 5.3 asks for one, of any value. */
function answer(opcode: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(6 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | payload.length;
  payload.copy(frame, 6);
  return frame;
}
