import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Transport, TransportEvents } from '../domain/transport.ts';

/** Where a peer is, and how limits count it. */
export interface Address {
  readonly address: string;
  readonly key: string;
}

/** Frames that may be on their way when this side closes. A peer that goes on after that is not read any more. */
const MAX_LATE_FRAMES = 100;

/**
 * One peer's WebSocket. `ws` reads and closes; ready frames go straight to the socket, past its sender, which has nothing of its
 * own to send then: compression is off and pongs are made by the service.
 */
export class WebSocketConnection<Peer> extends WebSocket implements Transport {
  #socket: Duplex | undefined;
  #address: Address = { address: '', key: '' };
  #events: TransportEvents<Peer> | undefined;
  #peer: Peer | undefined;
  #lateFrames = 0;

  get address(): string {
    return this.#address.address;
  }

  get addressKey(): string {
    return this.#address.key;
  }

  get writable(): boolean {
    return this.readyState === WebSocket.OPEN && this.#socket !== undefined && !this.#socket.writableNeedDrain;
  }

  /** Binds the open WebSocket to its socket. Listeners are shared by all connections: `this` is the connection. */
  bind(socket: Duplex, address: Address, events: TransportEvents<Peer>): void {
    this.#socket = socket;
    this.#address = address;
    this.#events = events;
    socket.on('drain', () => this.#peer !== undefined && events.onDrain(this.#peer));
    this.on('message', onMessage);
    this.on('ping', onPing);
    this.on('pong', onPong);
    this.on('close', onClose);
    this.on('error', onError);
  }

  /** Names the service's connection, once it exists. */
  identify(peer: Peer): void {
    this.#peer = peer;
  }

  cork(): void {
    this.#socket?.cork();
  }

  uncork(): void {
    this.#socket?.uncork();
  }

  write(frames: Uint8Array): void {
    this.#socket?.write(frames);
  }

  /**
   * Calls the service with the peer's frame, unless a close has been sent: what comes until the peer's own is looked at no more, and
   * after some of it thrown away unread, for taking a flood apart costs far more than receiving it.
   */
  tellFrame(event: (events: TransportEvents<Peer>, peer: Peer) => void): void {
    if (this.readyState === WebSocket.OPEN) {
      this.tell(event);
      return;
    }
    this.#lateFrames++;
    if (this.#lateFrames !== MAX_LATE_FRAMES) return;
    this.#socket?.removeAllListeners('data');
    this.#socket?.resume();
  }

  /** Calls the service with the peer, if both are known. */
  tell(event: (events: TransportEvents<Peer>, peer: Peer) => void): void {
    if (this.#events && this.#peer !== undefined) event(this.#events, this.#peer);
  }
}

type Connection = WebSocketConnection<unknown>;

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  const connection = this as Connection;
  if (isBinary || !(data instanceof Buffer)) connection.tellFrame((events, peer) => events.onBinary(peer));
  else connection.tellFrame((events, peer) => events.onText(peer, data.toString()));
}

function onPing(this: WebSocket, payload: Buffer): void {
  (this as Connection).tellFrame((events, peer) => events.onPing(peer, payload));
}

function onPong(this: WebSocket, payload: Buffer): void {
  (this as Connection).tellFrame((events, peer) => events.onPong(peer, payload));
}

function onClose(this: WebSocket, code: number): void {
  (this as Connection).tell((events, peer) => events.onClose(peer, code));
}

/** Faults of the peer (bad frames, resets): `ws` answers them with the right close code, and `close` follows. */
const onError = (): void => undefined;
