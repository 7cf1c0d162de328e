import type { Transport } from '../../src/domain/transport.ts';
import { type Frame, readFrames, TEXT } from './frames.ts';

/** A peer whose socket is the test: keeps what is written to it, and is writable as the test says. */
export class RecordingTransport implements Transport {
  readonly address = '192.0.2.7';
  readonly addressKey = '192.0.2.7';
  writable = true;
  /** The buffers of each write on the wire: those between cork and uncork leave together. */
  readonly bursts: Uint8Array[][] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  terminated = false;
  /** Buffers that may still be written before the transport says it is full. */
  room = Number.POSITIVE_INFINITY;
  #corked: Uint8Array[] | undefined;

  cork(): void {
    this.#corked = [];
  }

  uncork(): void {
    if (this.#corked && this.#corked.length > 0) this.bursts.push(this.#corked);
    this.#corked = undefined;
  }

  write(frames: Uint8Array): void {
    if (this.#corked) this.#corked.push(frames);
    else this.bursts.push([frames]);
    this.room--;
    if (this.room <= 0) this.writable = false;
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.writable = false;
  }

  terminate(): void {
    this.terminated = true;
  }

  /** All frames written so far. */
  get frames(): Frame[] {
    return readFrames(Buffer.concat(this.bursts.flat())).frames;
  }

  /** All text frames written so far, as JSON. */
  get messages(): Array<Record<string, unknown>> {
    return this.frames.filter(({ opcode }) => opcode === TEXT).map(({ payload }) => JSON.parse(payload.toString()));
  }

  /** Their types. */
  get types(): unknown[] {
    return this.messages.map((message) => message['type']);
  }
}
