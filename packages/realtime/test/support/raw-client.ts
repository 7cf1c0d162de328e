import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { SUBPROTOCOL } from '@friday/protocol';
import { onTestFinished } from 'vitest';
import { CLOSE, clientFrame, type Frame, PING, PONG, readFrames, TEXT } from './frames.ts';
import type { TestHost } from './test-host.ts';
import { until, within } from './until.ts';

/** The headers of a good upgrade request; undefined leaves one out. */
export type Headers = Readonly<Record<string, string | undefined>>;

export interface RawRequest {
  readonly method?: string;
  /** Path with query. */
  readonly target?: string;
  readonly headers?: Headers;
}

/** A peer on a bare TCP socket: it can do what no WebSocket library does. It never closes its own half by itself. */
export class RawClient {
  readonly socket: Socket;
  /** What each read of the socket brought. */
  readonly reads: Buffer[] = [];
  ended = false;
  #head: string | undefined;
  #rest: Buffer = Buffer.alloc(0);
  readonly frames: Frame[] = [];
  /** Text frames that came, as JSON. */
  readonly messages: Array<Record<string, unknown>> = [];
  /** Whether pings are answered as they are read. */
  answersPings = true;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.ended = true;
    });
    onTestFinished(() => void socket.destroy());
  }

  /** Sends a request: a good upgrade where nothing else is said. */
  request({ method = 'GET', target = '/v1/ws', headers = {} }: RawRequest = {}): void {
    const all: Headers = {
      host: `127.0.0.1:${this.socket.remotePort}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': SUBPROTOCOL,
      ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
    this.socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  /** Status line and headers of the answer, once they are here. */
  async head(): Promise<string> {
    await until('the head of the answer', () => this.#head !== undefined);
    return this.#head ?? '';
  }

  async status(): Promise<number> {
    return Number((await this.head()).split(' ')[1]);
  }

  /** What follows the head, when it is no frames. */
  get body(): string {
    return this.#rest.toString();
  }

  /** The code of the close frame, once it is here. */
  async closeCode(): Promise<number> {
    await until('a close frame', () => this.frames.some(({ opcode }) => opcode === CLOSE));
    return this.frames.find(({ opcode }) => opcode === CLOSE)?.payload.readUInt16BE() ?? 0;
  }

  /** Resolves when the server has ended the connection. */
  async end(): Promise<void> {
    await until('the end of the connection', () => this.ended || this.socket.destroyed);
  }

  send(message: unknown): void {
    this.socket.write(clientFrame(TEXT, JSON.stringify(message)));
  }

  #take(data: Buffer): void {
    this.reads.push(data);
    this.#rest = Buffer.concat([this.#rest, data]);
    if (this.#head === undefined) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#head = this.#rest.toString('latin1', 0, end);
      this.#rest = this.#rest.subarray(end + 4);
    }
    if (!this.#head.startsWith('HTTP/1.1 101')) return;
    const { frames, rest } = readFrames(this.#rest);
    this.#rest = rest;
    for (const frame of frames) {
      this.frames.push(frame);
      if (frame.opcode === TEXT) this.messages.push(JSON.parse(frame.payload.toString()));
      if (frame.opcode === PING && this.answersPings) this.socket.write(clientFrame(PONG, frame.payload));
    }
  }
}

/** Opens a TCP connection to a host. */
export async function dialRaw({ port }: TestHost): Promise<RawClient> {
  const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
  await within('the TCP connection', once(socket, 'connect'));
  return new RawClient(socket);
}

/** Opens a WebSocket on a bare TCP socket. */
export async function connectRaw(host: TestHost, token?: string, headers: Headers = {}): Promise<RawClient> {
  const client = await dialRaw(host);
  client.request({ headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers } });
  const status = await client.status();
  if (status !== 101) throw new Error(`The upgrade was answered with ${status}: ${client.body}`);
  return client;
}
