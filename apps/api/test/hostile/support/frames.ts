/** WebSocket frames as no library writes them: every bit and the length can be wrong. Source: RFC 6455, section 5.2. */
import { randomBytes } from 'node:crypto';

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

export interface FrameParts {
  readonly opcode: number;
  readonly payload?: string | Buffer;
  /** Whether it is the last of its message. Default: yes. */
  readonly fin?: boolean;
  /** The three reserved bits as a number, the first worth 4. Default: none. */
  readonly reserved?: number;
  /** Default: yes. */
  readonly masked?: boolean;
  /** The length that it claims, in eight bytes. Default: the true one, in as few bytes as it takes. */
  readonly claims?: bigint;
}

/** A frame as a client sends it, but for what is asked to be wrong. */
export function clientFrame({ opcode, payload = '', fin = true, reserved = 0, masked = true, claims }: FrameParts): Buffer {
  const bytes = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const length = claims === undefined ? shortestLength(bytes.length) : longLength(claims);
  if (!masked) return Buffer.concat([Buffer.from([first]), length, bytes]);
  length[0] = (length[0] ?? 0) | 0x80;
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from([first]), length, mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** A message as one text frame. */
export function textFrame(message: unknown): Buffer {
  return clientFrame({ opcode: TEXT, payload: JSON.stringify(message) });
}

/** A close frame with this code, and what follows it. */
export function closeFrame(code: number, reason: string | Buffer = ''): Buffer {
  return clientFrame({ opcode: CLOSE, payload: Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]) });
}

function shortestLength(length: number): Buffer {
  if (length < 126) return Buffer.from([length]);
  return length < 65_536 ? Buffer.from([126, length >> 8, length & 0xff]) : longLength(BigInt(length));
}

function longLength(length: bigint): Buffer {
  const bytes = Buffer.alloc(9, 127);
  bytes.writeBigUInt64BE(length, 1);
  return bytes;
}

/** A frame that came from the server. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Reads the whole frames at the start of `bytes`. @returns them, and what is left. */
export function readFrames(bytes: Buffer): { readonly frames: readonly ServerFrame[]; readonly rest: Buffer } {
  const frames: ServerFrame[] = [];
  let rest = bytes;
  for (let end = frameEnd(rest); end !== undefined; end = frameEnd(rest)) {
    frames.push({ opcode: (rest[0] ?? 0) & 0x0f, payload: rest.subarray(payloadStart(rest), end) });
    rest = rest.subarray(end);
  }
  return { frames, rest };
}

function payloadStart(bytes: Buffer): number {
  return { 126: 4, 127: 10 }[bytes[1] ?? 0] ?? 2;
}

/** @returns where the first frame ends; undefined while not all of it is there. */
function frameEnd(bytes: Buffer): number | undefined {
  const start = payloadStart(bytes);
  if (bytes.length < Math.max(2, start)) return undefined;
  const end = start + payloadLength(bytes, start);
  return bytes.length < end ? undefined : end;
}

function payloadLength(bytes: Buffer, start: number): number {
  if (start === 2) return bytes[1] ?? 0;
  return start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}
