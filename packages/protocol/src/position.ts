/**
 * Cursors and positions, rule P6. A cursor `<channel>.<seq>.<tag>` is a place in one channel; a position is one cursor for
 * each channel, joined by `~`.
 */
import { LIMITS } from './limits.ts';

/** Form of a channel's name as clients see it. */
export const CHANNEL_NAME_PATTERN = '^[a-z][a-z0-9_-]{0,31}$';

/** A place in one channel. `seq` is 0 before the first notification. */
export interface Cursor {
  /** The channel's name as clients see it, such as `user`. */
  readonly channel: string;
  /** Number of the last notification seen, a safe integer from 0. */
  readonly seq: number;
  /** Random mark of the row at `seq`, 1 to 22 characters of base64url: tells one history from another. */
  readonly tag: string;
}

const CURSOR = /^([a-z][a-z0-9_-]{0,31})\.(0|[1-9][0-9]{0,15})\.([A-Za-z0-9_-]{1,22})$/;

/** The wire form of a cursor. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.channel}.${cursor.seq}.${cursor.tag}`;
}

/** The wire form of a position. */
export function formatPosition(cursors: readonly Cursor[]): string {
  return cursors.map(formatCursor).join('~');
}

/**
 * Reads a position.
 * @returns the cursors, at most one a channel, or undefined when the text is malformed.
 */
export function parsePosition(text: string): Cursor[] | undefined {
  if (text.length > LIMITS.positionCharacters) return undefined;
  const cursors: Cursor[] = [];
  for (const part of text.split('~')) {
    const [, channel, digits, tag] = CURSOR.exec(part) ?? [];
    const seq = Number(digits);
    if (channel === undefined || tag === undefined || !Number.isSafeInteger(seq)) return undefined;
    if (cursors.some((other) => other.channel === channel)) return undefined;
    cursors.push({ channel, seq, tag });
  }
  return cursors.length > LIMITS.channels ? undefined : cursors;
}

/** The channel that a cursor names: the text before its first dot, the only part that clients may look at. */
export function cursorChannel(cursor: string): string {
  const dot = cursor.indexOf('.');
  return dot < 0 ? cursor : cursor.slice(0, dot);
}

/**
 * A client's position after one more notification: its cursor takes the place of the one of the same channel, or stands at the
 * end where the channel is new. Looks at nothing but the channels' names, as clients must.
 */
export function advancePosition(position: string, cursor: string): string {
  const channel = cursorChannel(cursor);
  const cursors = position === '' ? [] : position.split('~');
  const at = cursors.findIndex((other) => cursorChannel(other) === channel);
  return (at < 0 ? [...cursors, cursor] : cursors.with(at, cursor)).join('~');
}
