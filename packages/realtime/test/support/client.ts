import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ControlMessage, type Notification, parseServerMessage, SUBPROTOCOL } from '@friday/protocol';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { within } from './until.ts';

export type Message = ControlMessage | Notification;

export interface ConnectOptions {
  /** Sent in the `Authorization` header of the upgrade. */
  readonly token?: string;
  /** What stands behind the `?` of the URL. */
  readonly query?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server on the loopback interface. */
export interface Server {
  readonly port: number;
}

/** The answer to an upgrade that was refused. */
export interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly error: { readonly code: string; readonly message: string }; readonly detail: unknown };
}

/** A client on the `ws` library. Every frame of the server is checked against the protocol's schemas. */
export class Client {
  readonly socket: WebSocket;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** All frames, in order. */
  readonly messages: Message[] = [];
  #taken = 0;
  #onMessage: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#onMessage();
      });
    });
    socket.on('message', (data) => {
      this.messages.push(checked(String(data)));
      this.#onMessage();
    });
    socket.on('error', () => undefined);
    onTestFinished(() => socket.terminate());
  }

  /** Takes the next frame. Rejects when none comes. */
  async next(): Promise<Message> {
    await within('a frame', this.#arrival(this.#taken + 1));
    const message = this.messages[this.#taken];
    if (!message) throw new Error(`The connection closed with ${JSON.stringify(await this.closed)} before a frame came.`);
    this.#taken++;
    return message;
  }

  /** Takes the next frame, which must be of this type. */
  async expect<Type extends ControlMessage['type']>(type: Type): Promise<Extract<ControlMessage, { type: Type }>> {
    const message = await this.next();
    if (message.type !== type) throw new Error(`A frame ${type} was due, and ${JSON.stringify(message)} came.`);
    return message as Extract<ControlMessage, { type: Type }>;
  }

  /** Takes the next frames, which must be notifications. */
  async notifications(count: number): Promise<Notification[]> {
    const all: Notification[] = [];
    while (all.length < count) {
      const message = await this.next();
      if (!('seq' in message)) throw new Error(`A notification was due, and ${JSON.stringify(message)} came.`);
      all.push(message);
    }
    return all;
  }

  /** Frames that came and have not been taken. */
  get pending(): readonly Message[] {
    return this.messages.slice(this.#taken);
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends a ping and takes frames up to its pong: what the server had to say before has come then. */
  async roundTrip(): Promise<void> {
    this.send({ type: 'ping', ref: 'round-trip' });
    await this.expect('pong');
  }

  /** Closes as a client does that needs no more. */
  async close(): Promise<void> {
    this.socket.close(1000);
    await within('the close', this.closed);
  }

  #arrival(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onMessage = () => {
        if (this.messages.length >= count || this.socket.readyState === WebSocket.CLOSED) resolve();
      };
      this.#onMessage();
    });
  }
}

/** Opens a connection; the upgrade must succeed. */
export async function connect(host: Server, options: ConnectOptions = {}): Promise<Client> {
  const socket = dial(host, options);
  const client = new Client(socket);
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  await within('the upgrade', opened);
  return client;
}

/** Opens a connection and takes its `connected` and `live`. */
export async function connectLive(host: Server, options: ConnectOptions): Promise<Client> {
  const client = await connect(host, options);
  await client.expect('connected');
  await client.expect('live');
  return client;
}

/** Tries to open a connection; the upgrade must be refused. */
export async function refused(host: Server, options: ConnectOptions = {}): Promise<Refused> {
  const socket = dial(host, options);
  const answer = new Promise<Refused>((resolve, reject) => {
    socket.on('open', () => reject(new Error('The upgrade succeeded.')));
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body: JSON.parse(body) }), reject);
    });
    socket.on('error', () => undefined);
  });
  onTestFinished(() => socket.terminate());
  return within('the refusal', answer);
}

/** Asks the path of the upgrade with a plain `GET`. */
export async function plainGet(
  { port }: Server,
  { token, query, protocols = [], headers = {} }: ConnectOptions = {},
): Promise<Refused> {
  const asked = request({
    port,
    path: `/v1/ws${query === undefined ? '' : `?${query}`}`,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(protocols.length > 0 && { 'sec-websocket-protocol': protocols.join(', ') }),
      ...headers,
    },
    agent: false,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => asked.on('response', resolve).on('error', reject));
  asked.end();
  const response = await within('the answer', answered);
  return { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(await text(response)) };
}

function dial({ port }: Server, { token, query, protocols = [SUBPROTOCOL], headers = {} }: ConnectOptions): WebSocket {
  const url = `ws://127.0.0.1:${port}/v1/ws${query === undefined ? '' : `?${query}`}`;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new WebSocket(url, [...protocols], { headers: { ...authorization, ...headers }, perMessageDeflate: false });
}

function checked(text: string): Message {
  const frame = parseServerMessage(text);
  if (frame.kind === 'control' || frame.kind === 'notification') return frame.message;
  throw new Error(`The server sent a frame that its schemas do not have: ${text}: ${JSON.stringify(frame)}`);
}
