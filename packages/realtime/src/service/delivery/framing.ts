/** Server-to-client WebSocket frames, RFC 6455 section 5.2: unmasked, so one frame's bytes serve every connection. */

const FIN = 0x80;

/** Opcodes of RFC 6455 section 5.2 that the server sends by itself. */
export const Opcode = { Text: 0x1, Ping: 0x9, Pong: 0xa } as const;
type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** Bytes of the header before a payload of that length. */
export function headerBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65_536 ? 4 : 10;
}

/** Writes a frame's header at `offset`. @returns where the payload starts. */
export function writeHeader(target: Buffer, offset: number, opcode: Opcode, payloadBytes: number): number {
  target[offset] = FIN | opcode;
  const header = headerBytes(payloadBytes);
  if (header === 2) target[offset + 1] = payloadBytes;
  else if (header === 4) {
    target[offset + 1] = 126;
    target.writeUInt16BE(payloadBytes, offset + 2);
  } else {
    target[offset + 1] = 127;
    target.writeBigUInt64BE(BigInt(payloadBytes), offset + 2);
  }
  return offset + header;
}

/** One whole frame. */
export function frame(opcode: Opcode, payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const target = Buffer.allocUnsafe(headerBytes(bytes.length) + bytes.length);
  target.set(bytes, writeHeader(target, 0, opcode, bytes.length));
  return target;
}
