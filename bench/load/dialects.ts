/** What load needs to know of the two protocols that are measured. */

const DOT = 0x2e;
const QUOTE = 0x22;
/** Length of `{"type":"`, with which all messages of Friday's begin. */
const TYPE_AT = 9;
/** Engine.IO packets: https://socket.io/docs/v4/engine-io-protocol, and within messages those of Socket.IO. */
const EIO_OPEN = 0x30;
const EIO_PING = 0x32;
const EIO_MESSAGE = 0x34;
const SIO_CONNECT = 0x30;
const SIO_EVENT = 0x32;

/**
 * What a text frame is: a `message` is counted, at `ready` the connection is in use, `open` and `ping` are to be answered, and the rest is
 * of no interest.
 */
export type FrameKind = 'message' | 'ready' | 'open' | 'ping' | 'other';

export interface Dialect {
  /** The path and the headers of its own that open a connection. */
  readonly upgrade: (token: string, position: string | undefined) => { path: string; headers: string };
  readonly kindOf: (bytes: Buffer, start: number, end: number) => FrameKind;
  /** What `open` and `ping` are answered with. */
  readonly answers: Readonly<Partial<Record<FrameKind, string>>>;
}

/** Friday: notifications are the messages with a dot in their type, which comes first. */
const friday: Dialect = {
  upgrade: (token, position) => ({
    path: position === undefined ? '/v1/ws' : `/v1/ws?cursor=${encodeURIComponent(position)}`,
    headers: `Authorization: Bearer ${token}\r\n`,
  }),
  kindOf: (bytes, start, end) => {
    for (let at = start + TYPE_AT; at < end; at++) {
      const byte = bytes[at];
      if (byte === DOT) return 'message';
      if (byte === QUOTE) return bytes.toString('latin1', start + TYPE_AT, at) === 'live' ? 'ready' : 'other';
    }
    return 'other';
  },
  answers: {},
};

/** Socket.IO 4, over nothing but WebSocket, without authentication. */
const socketIo: Dialect = {
  upgrade: () => ({ path: '/socket.io/?EIO=4&transport=websocket', headers: '' }),
  kindOf: (bytes, start) => {
    const packet = bytes[start];
    if (packet === EIO_OPEN) return 'open';
    if (packet === EIO_PING) return 'ping';
    if (packet !== EIO_MESSAGE) return 'other';
    if (bytes[start + 1] === SIO_EVENT) return 'message';
    return bytes[start + 1] === SIO_CONNECT ? 'ready' : 'other';
  },
  answers: { open: '40', ping: '3' },
};

export const DIALECTS = { friday, socketIo } as const;
export type DialectName = keyof typeof DIALECTS;
