import { type OnMessage, SocketClient } from './socket-client.ts';

export interface FollowerOptions {
  readonly port: number;
  readonly token: string;
  readonly localAddress: string;
  /** Called with each notification, after it was noted. */
  readonly onMessage?: OnMessage;
}

interface Place {
  seq: number;
  cursor: string;
}

const PLACE = /"channel":"([^"]*)","seq":(\d+),"cursor":"([^"]*)"/;

/** A client of Friday's that keeps its position over connections, and checks that no notification is missing or comes twice. */
export class Follower {
  /** Notifications whose number was not the one that had to follow. */
  faults = 0;
  readonly #options: FollowerOptions;
  readonly #places = new Map<string, Place>();
  #socket: SocketClient | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Number of the newest notification in a channel. */
  seq(channel: string): number {
    return this.#places.get(channel)?.seq ?? 0;
  }

  /** Connects from where it is. @returns the connection, once it is live; undefined when it failed. */
  async connect(): Promise<SocketClient | undefined> {
    const { port, token, localAddress, onMessage } = this.#options;
    const position = [...this.#places.values()].map(({ cursor }) => cursor).join('~');
    const socket = new SocketClient({
      port,
      token,
      localAddress,
      ...(position === '' ? {} : { position }),
      onMessage: (bytes, start, end) => {
        this.#note(bytes.toString('latin1', start, end));
        onMessage?.(bytes, start, end);
      },
    });
    this.#socket = socket;
    const live = await socket.live.then(
      () => true,
      () => false,
    );
    if (!live) return undefined;
    if (position === '') this.#begin(socket.position);
    return socket;
  }

  cut(): void {
    this.#socket?.cut();
  }

  /** A position is `<channel>.<seq>.<tag>`, joined by `~` (P6). */
  #begin(position: string): void {
    for (const cursor of position.split('~')) {
      const [channel = '', seq] = cursor.split('.');
      // What came between `live` and here has been noted already.
      if (!this.#places.has(channel)) this.#places.set(channel, { seq: Number(seq), cursor });
    }
  }

  #note(text: string): void {
    const [, channel = '', number, cursor = ''] = PLACE.exec(text) ?? [];
    const seq = Number(number);
    const place = this.#places.get(channel);
    if (!place) this.#places.set(channel, { seq, cursor });
    else {
      if (seq !== place.seq + 1) this.faults++;
      place.seq = seq;
      place.cursor = cursor;
    }
  }
}
