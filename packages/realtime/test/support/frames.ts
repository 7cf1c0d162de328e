/** WebSocket frames of both directions, RFC 6455 section 5.2, as a test's own reading of the standard. */
import { randomBytes } from 'node:crypto';

export interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** Reads the whole frames at the start of `bytes`. @returns them, and what is left. @throws Error when one is masked. */
export function readFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  for (let next = readFrame(rest); next; next = readFrame(rest)) {
    frames.push(next.frame);
    rest = rest.subarray(next.end);
  }
  return { frames, rest };
}

function readFrame(bytes: Buffer): { frame: Frame; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  if (second & 0x80) throw new Error('A frame of a server must not be masked.');
  const extra = { 126: 2, 127: 8 }[second] ?? 0;
  if (bytes.length < 2 + extra) return undefined;
  const start = 2 + extra;
  const length = extra === 0 ? second : Number(BigInt(`0x${bytes.toString('hex', 2, start)}`));
  if (bytes.length < start + length) return undefined;
  const frame = { opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload: bytes.subarray(start, start + length) };
  return { frame, end: start + length };
}

/** A frame as clients send it, masked. */
export function clientFrame(opcode: number, payload: string | Buffer, options: { fin?: boolean; rsv1?: boolean } = {}): Buffer {
  const { fin = true, rsv1 = false } = options;
  const bytes = Buffer.from(payload);
  const mask = randomBytes(4);
  const head = [(fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode];
  if (bytes.length < 126) head.push(0x80 | bytes.length);
  else if (bytes.length < 65_536) head.push(0xfe, bytes.length >> 8, bytes.length & 0xff);
  else head.push(0xff, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (bytes.length >>> shift) & 0xff));
  const masked = bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from(head), mask, masked]);
}
