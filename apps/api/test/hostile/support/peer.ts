/** A peer on a bare TCP connection, which can say whatever bytes can say. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '@friday/protocol';
import { eventually } from '../../support/eventually.ts';
import { CLOSE, readFrames, type ServerFrame, TEXT } from './frames.ts';

/** Headers by name; undefined leaves out one that a good upgrade has, a list repeats it. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface UpgradeParts {
  readonly method?: string;
  /** Path with query. */
  readonly target?: string;
  readonly headers?: Headers;
  /** In `Authorization`. */
  readonly token?: string;
}

/** The text of an upgrade request: a good one, but for what is asked to be different. */
export function upgradeText({ method = 'GET', target = WEBSOCKET_PATH, headers = {}, token }: UpgradeParts = {}): string {
  const all: Headers = {
    host: 'localhost',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': SUBPROTOCOL,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${each}\r\n`));
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** One connection. It never closes its own half by itself, so that a server which waits for that is found out. */
export class Peer {
  readonly socket: Socket;
  readonly frames: ServerFrame[] = [];
  /** The text frames, parsed. */
  readonly messages: Array<Readonly<Record<string, unknown>>> = [];
  /** Whether the server has ended its half. */
  ended = false;
  /** Whether nothing is left of the connection: the server has let go of both halves, or reset it. */
  gone = false;
  #received: Buffer = Buffer.alloc(0);
  #head: string | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => {
      this.ended = true;
    });
    // A reset is one of the ends that these connections have.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.gone = true;
    });
  }

  /** Opens a connection. */
  static async dial(serverUrl: string): Promise<Peer> {
    const { hostname, port } = new URL(serverUrl);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    const peer = new Peer(socket);
    await once(socket, 'connect');
    return peer;
  }

  /** Opens a connection, and a WebSocket on it. @throws Error when the answer is not 101. */
  static async open(serverUrl: string, parts: UpgradeParts = {}): Promise<Peer> {
    const peer = await Peer.dial(serverUrl);
    peer.send(upgradeText(parts));
    const status = await peer.status();
    if (status !== 101) throw new Error(`The upgrade was answered with ${status}: ${peer.body}`);
    return peer;
  }

  /** As {@link open}, and waits for `live`. */
  static async openLive(serverUrl: string, token: string): Promise<Peer> {
    const peer = await Peer.open(serverUrl, { token });
    await eventually('live', () => peer.messages.some(({ type }) => type === 'live'));
    return peer;
  }

  send(bytes: string | Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Status line and headers of the first answer. */
  async head(): Promise<string> {
    await eventually('an answer', () => this.#head !== undefined || this.gone);
    if (this.#head === undefined) throw new Error('The connection ended without an answer.');
    return this.#head;
  }

  async status(): Promise<number> {
    return Number((await this.head()).split(' ')[1]);
  }

  /** The body of an answer that is no 101, as far as it is there. */
  get body(): string {
    return this.#received.toString();
  }

  /** Status of the refusal, and its error's code, once the server has ended its half. */
  async refusal(): Promise<string> {
    const status = await this.status();
    await eventually('the end of the answer', () => this.ended || this.gone);
    const { error }: { error?: { code?: string } } = JSON.parse(this.body);
    return `${status} ${error?.code}`;
  }

  /** The code of the server's close frame: 1005 where it holds none, 1006 where the connection ended without one. */
  async closeCode(): Promise<number> {
    await eventually('a close frame', () => this.frames.some(({ opcode }) => opcode === CLOSE) || this.gone);
    const close = this.frames.find(({ opcode }) => opcode === CLOSE);
    if (close?.payload.length === 0) return 1005;
    return close?.payload.readUInt16BE() ?? 1006;
  }

  /** The code in the `error` frame that came last. */
  get lastError(): unknown {
    return this.messages.findLast(({ type }) => type === 'error')?.['code'];
  }

  /** Resolves once nothing is left of the connection. */
  async untilGone(): Promise<void> {
    // A socket that only reads learns of a reset by writing.
    await eventually('the end of the connection', () => this.gone || (this.ended && !this.#stillHeld()));
    this.socket.destroy();
  }

  #stillHeld(): boolean {
    if (this.socket.writable) this.socket.write('x');
    return this.socket.writable;
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.#head === undefined) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#head = this.#received.toString('latin1', 0, end);
      this.#received = this.#received.subarray(end + 4);
    }
    if (!this.#head.startsWith('HTTP/1.1 101')) return;
    const { frames, rest } = readFrames(this.#received);
    this.#received = rest;
    this.frames.push(...frames);
    for (const { opcode, payload } of frames) if (opcode === TEXT) this.messages.push(JSON.parse(payload.toString()));
  }
}
