/** One clock for all processes of this machine: what one stamps, another may subtract. */

const NS_PER_MS = 1e6;
/** How messages carry the time of their sending: as the client's name, which comes back as their origin. */
const STAMP = Buffer.from('"origin":"');
const QUOTE = 0x22;
const DOT = 0x2e;
const ZERO = 0x30;
/** `2026-01-01T00:00:00.000Z`, and the quote and brace that end a notification after it. */
const TIME_LENGTH = 24;
const AFTER_TIME = 2;

/** Milliseconds of the machine's monotonic clock. */
export function now(): number {
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

/** The time of sending as text, to a microsecond. */
export function stamp(at = now()): string {
  return at.toFixed(3);
}

/** The stamp in `bytes` from `start` to `end`, in milliseconds; undefined where there is none. */
export function readStamp(bytes: Buffer, start: number, end: number): number | undefined {
  const found = bytes.indexOf(STAMP, start);
  if (found < 0 || found >= end) return undefined;
  let whole = 0;
  let scale = 0;
  for (let at = found + STAMP.length; at < end && bytes[at] !== QUOTE; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === DOT) scale = 1;
    else {
      whole = whole * 10 + byte - ZERO;
      scale *= 10;
    }
  }
  return scale === 0 ? whole : whole / scale;
}

/** When the server made the notification that ends at `end`, in milliseconds since 1970: the last of its fields. */
export function readMadeAt(bytes: Buffer, end: number): number {
  const last = end - AFTER_TIME;
  return Date.parse(bytes.toString('latin1', last - TIME_LENGTH, last));
}
