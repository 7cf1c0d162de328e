import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '@friday/protocol';
import { WebSocket } from 'ws';
import type { Ledger } from './ledger.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';

/**
 * - `steady` reads all the time, and comes back when the server does;
 * - `slow` stops reading for a while, now and then;
 * - `cut` has its TCP connection reset, now and then;
 * - `wandering` leaves now and then, and comes back from a position that it had a while ago.
 */
export const HABITS = ['steady', 'slow', 'cut', 'wandering'] as const;
export type Habit = (typeof HABITS)[number];

/** How long one stays calm, and how long a slow one does not read; milliseconds. */
const CALM_MS = [50, 1_500] as const;
const UNREAD_MS = [20, 400] as const;
/** The longest pause before it comes back. */
const BACK_WITHIN_MS = 60;
/** How many notifications a wandering one goes back, at most. */
const BACK_BY = 500;

export interface FollowerOptions {
  readonly name: string;
  readonly habit: Habit;
  readonly token: string;
  /** Where it begins. */
  readonly position: string;
  readonly place: Place;
  readonly ledger: Ledger;
  readonly random: Random;
}

interface Message {
  readonly type: string;
  readonly channel?: string;
  readonly seq?: number;
  readonly cursor?: string;
  readonly resumed?: boolean;
  readonly reason?: string;
}

/** A client that keeps its position, comes back from it whenever the connection ends, and looks at the number of each frame. */
export class Follower {
  /** Number of the user's last notification that it has. */
  seq = 0;
  /** Notifications that it was sent, repetitions after going back among them. */
  delivered = 0;
  /** Connections that became live. */
  sessions = 0;
  readonly #options: FollowerOptions;
  /** Newest cursor of each channel. */
  readonly #cursors = new Map<string, string>();
  #given = '';
  #tcp: Socket | undefined;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#keep(options.position);
  }

  /** Stays with the server until it is stopped. */
  async run(): Promise<void> {
    const { place, random } = this.#options;
    for (;;) {
      const url = await place.url();
      if (url === undefined || this.#stopped) return;
      await this.#session(url);
      await pause(random.between(0, BACK_WITHIN_MS));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#tcp?.resetAndDestroy();
  }

  /** One connection, from its beginning to its end. */
  async #session(url: string): Promise<void> {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { hostname, port } = new URL(url);
    const tcp = connect({ host: hostname, port: Number(port), noDelay: true });
    const socket = new WebSocket(url.replace('http', 'ws') + WEBSOCKET_PATH, [SUBPROTOCOL], { createConnection: () => tcp });
    this.#tcp = tcp;
    socket.on('open', () => this.#authenticate(socket));
    socket.on('message', (data) => this.#take(String(data)));
    // A server that is killed leaves connections that are refused or reset; the close comes after it.
    socket.on('error', () => undefined);
    socket.on('close', () => end());
    const mood = new AbortController();
    const moody = this.#beMoody(mood.signal);
    await ended;
    mood.abort();
    await moody;
  }

  #authenticate(socket: WebSocket): void {
    const { habit, token, random } = this.#options;
    if (habit === 'wandering') this.#goBack(random);
    this.#given = [...this.#cursors.values()].join('~');
    socket.send(JSON.stringify({ type: 'authenticate', token, cursor: this.#given }));
  }

  /** Forgets the last notifications that it had. */
  #goBack(random: Random): void {
    const seq = this.seq - random.between(0, BACK_BY);
    const frame = this.#options.ledger.frames[seq];
    if (frame === undefined) return;
    const { cursor = '' } = JSON.parse(frame) as Message;
    this.#cursors.set('user', cursor);
    this.seq = seq;
  }

  #take(frame: string): void {
    const message = JSON.parse(frame) as Message;
    if (message.seq !== undefined) this.#takeNotification(message, frame);
    else if (message.type === 'connected') this.#takeConnected(message);
    else if (message.type === 'live') this.sessions += 1;
    else if (message.type === 'error') this.#wrong(`was sent ${frame}`);
  }

  #takeConnected({ cursor = '', resumed, reason }: Message): void {
    if (resumed !== true) this.#wrong(`could not resume from ${this.#given}: ${reason}`);
    if (cursor !== this.#given) this.#wrong(`resumed from ${cursor} instead of ${this.#given}`);
    this.#keep(cursor);
  }

  #keep(position: string): void {
    for (const part of position.split('~')) {
      const [channel = '', seq] = part.split('.');
      this.#cursors.set(channel, part);
      if (channel === 'user') this.seq = Number(seq);
    }
  }

  #takeNotification({ channel, seq = 0, cursor = '' }: Message, frame: string): void {
    if (channel !== 'user') this.#wrong(`was sent ${frame}; nobody announces anything to all`);
    if (seq !== this.seq + 1) this.#wrong(`went from ${this.seq} to ${seq}`);
    this.seq = seq;
    this.delivered += 1;
    this.#cursors.set('user', cursor);
    this.#options.ledger.saw(this.#options.name, seq, frame);
  }

  #wrong(what: string): void {
    this.#options.ledger.violation(`${this.#options.name} ${what}`);
  }

  /** Does what its habit is, now and then, until the connection ends. */
  async #beMoody(signal: AbortSignal): Promise<void> {
    const { habit, random } = this.#options;
    if (habit === 'steady') return;
    while (await waited(random.between(...CALM_MS), signal)) {
      if (habit !== 'slow') {
        this.#tcp?.resetAndDestroy();
        return;
      }
      this.#tcp?.pause();
      await waited(random.between(...UNREAD_MS), signal);
      this.#tcp?.resume();
    }
  }
}

/** @returns whether the time passed; false when it was broken off. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
