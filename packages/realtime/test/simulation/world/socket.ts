import type { Transport } from '../../../src/domain/transport.ts';
import type { Received } from '../model/wire.ts';

export interface SocketOptions {
  /** Bytes that the kernel takes before the process has to keep them. */
  readonly kernelBytes: number;
  /** Bytes in the process from which a write asks to wait. */
  readonly highWaterBytes: number;
  /** Told of each write, in order. @returns the frames that were written. */
  readonly onWrite: (bytes: Uint8Array) => readonly Received[];
  /** Told of a write that began though a drain was asked for. */
  readonly onOverrun: () => void;
  /** Told when a group of writes has been sent off. */
  readonly onFlush: () => void;
  readonly onClose: (code: number, reason: string) => void;
  /** Told when the process ended the socket at once. */
  readonly onTerminate: () => void;
}

/**
 * One side of a connection without a network: what the process writes goes to a kernel of bounded size, from where the peer reads.
 * As with Node's sockets, a write that fills the process's own buffer asks for a pause, and the drain that ends it comes later.
 */
export class SimulatedSocket implements Transport {
  readonly address = 'simulated';
  readonly addressKey = 'simulated';
  readonly #options: SocketOptions;
  readonly #unread: Received[] = [];
  #corks = 0;
  /** Bytes that were written, handed over, and read, since the beginning. */
  #written = 0;
  #flushed = 0;
  #read = 0;
  #needsDrain = false;
  /** Whether it was so when the present group of writes began. */
  #neededDrain = false;
  #closed = false;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  get writable(): boolean {
    return !this.#closed && !this.#needsDrain;
  }

  /** Whether the process has begun to close, or the socket is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Frames that the peer has not read. */
  get unread(): number {
    return this.#unread.length;
  }

  cork(): void {
    if (this.#corks === 0) this.#neededDrain = this.#needsDrain;
    this.#corks++;
  }

  uncork(): void {
    this.#corks--;
    if (this.#corks === 0) this.#flush();
  }

  write(frames: Uint8Array): void {
    if (this.#corks > 0 ? this.#neededDrain : this.#needsDrain) this.#options.onOverrun();
    for (const frame of this.#options.onWrite(frames)) this.#unread.push(frame);
    this.#written += frames.length;
    if (this.#buffered >= this.#options.highWaterBytes) this.#needsDrain = true;
    if (this.#corks === 0) this.#flush();
  }

  close(code: number, reason: string): void {
    this.#options.onClose(code, reason);
    this.#closed = true;
  }

  terminate(): void {
    this.#closed = true;
    this.#options.onTerminate();
  }

  /** The link is gone: nothing more may be written. */
  break(): void {
    this.#closed = true;
  }

  /** Whether the process's buffer has become empty after a pause: then it is told so, once. */
  takeDrain(): boolean {
    if (!this.#needsDrain || this.#closed || this.#corks > 0 || this.#buffered > 0) return false;
    this.#needsDrain = false;
    return true;
  }

  /** The peer reads whole frames until it has that many bytes. */
  read(bytes: number): Received[] {
    const taken: Received[] = [];
    for (let left = bytes; left > 0; ) {
      const frame = this.#unread.shift();
      if (!frame) break;
      taken.push(frame);
      left -= frame.bytes.length;
      this.#read += frame.bytes.length;
    }
    return taken;
  }

  /** Bytes in the process: not handed over yet, or without room in the kernel. */
  get #buffered(): number {
    return this.#written - this.#flushed + Math.max(0, this.#flushed - this.#read - this.#options.kernelBytes);
  }

  #flush(): void {
    this.#flushed = this.#written;
    this.#options.onFlush();
  }
}
