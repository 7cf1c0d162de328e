/** What the bytes of a server say: whole, unmasked frames (RFC 6455 section 5.2). */
import type { ControlMessage } from '@friday/protocol';
import type { Row } from './ledger.ts';

export const Opcode = { Text: 0x1, Ping: 0x9, Pong: 0xa } as const;

const FIN = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** One frame. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Header and payload, a view of what was written. */
  readonly bytes: Buffer;
}

/** A frame that was understood. */
export type Received = { readonly bytes: Buffer } & (
  | { readonly kind: 'notification'; readonly row: Row }
  | { readonly kind: 'control'; readonly message: ControlMessage }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Buffer }
);

/** Cuts bytes into frames. @throws Error when they are not whole, final, unmasked frames with the shortest form of their length. */
export function readFrames(written: Uint8Array): Frame[] {
  const all = Buffer.from(written.buffer, written.byteOffset, written.byteLength);
  const frames: Frame[] = [];
  for (let at = 0; at < all.length; ) {
    const first = all.readUInt8(at);
    const { start, length } = readLength(all, at);
    const end = start + length;
    if ((first & FIN) === 0 || end > all.length) throw new Error('A write is not whole, final frames.');
    frames.push({ opcode: first & 0x0f, payload: all.subarray(start, end), bytes: all.subarray(at, end) });
    at = end;
  }
  return frames;
}

function readLength(all: Buffer, at: number): { start: number; length: number } {
  const short = all.readUInt8(at + 1);
  if (short < LENGTH_16) return { start: at + 2, length: short };
  if (short === LENGTH_16) return shortest({ start: at + 4, length: all.readUInt16BE(at + 2) }, LENGTH_16);
  if (short === LENGTH_64) return shortest({ start: at + 10, length: Number(all.readBigUInt64BE(at + 2)) }, 65_536);
  throw new Error('A server does not mask its frames.');
}

function shortest<Length extends { length: number }>(found: Length, from: number): Length {
  if (found.length < from) throw new Error('The length of a frame has a shorter form.');
  return found;
}
