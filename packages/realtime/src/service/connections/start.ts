import { type Cursor, parsePosition } from '@friday/protocol';
import { channelName } from '../../domain/channel.ts';
import type { ChangeLog, Head } from '../../domain/ports.ts';

/** Why a position cannot be served (P8). */
export type Reason = 'expired' | 'unknown_history' | 'malformed';

/** Where a connection starts in one channel, and the head that stood there then. */
export interface Place {
  readonly channel: string;
  readonly seq: number;
  readonly tag: string;
  readonly head: number;
}

/** Where a connection starts: one place for each of its channels. */
export interface Start {
  readonly resumed: boolean;
  readonly reason?: Reason;
  readonly places: readonly Place[];
}

/**
 * Finds where a connection starts (P7, P8): at its position when every part of it can be served, else at the heads. Tags are
 * compared with the log itself.
 * @param channels keys of the principal's channels.
 */
export async function findStart(log: ChangeLog, channels: readonly string[], position: string | undefined): Promise<Start> {
  if (position === undefined) return { resumed: false, places: await placesAtHeads(log, channels) };
  const cursors = parsePosition(position);
  const found = cursors === undefined ? 'malformed' : await locateAll(log, channels, cursors);
  if (typeof found === 'string') return { resumed: false, reason: found, places: await placesAtHeads(log, channels) };
  const unnamed = channels.filter((key) => !found.has(key));
  for (const place of await placesAtHeads(log, unnamed)) found.set(place.channel, place);
  return { resumed: true, places: channels.flatMap((key) => found.get(key) ?? []) };
}

async function placesAtHeads(log: ChangeLog, channels: readonly string[]): Promise<Place[]> {
  if (channels.length === 0) return [];
  return (await log.heads(channels)).map((head: Head) => ({ ...head, head: head.seq }));
}

async function locateAll(
  log: ChangeLog,
  channels: readonly string[],
  cursors: readonly Cursor[],
): Promise<Map<string, Place> | Reason> {
  const places = new Map<string, Place>();
  for (const { channel: name, seq, tag } of cursors) {
    const channel = channels.find((key) => channelName(key) === name);
    if (channel === undefined) return 'unknown_history';
    const located = await log.locate(channel, seq);
    if (located.tag !== tag) return located.tag === undefined && seq <= located.head.seq ? 'expired' : 'unknown_history';
    places.set(channel, { channel, seq, tag, head: located.head.seq });
  }
  return places;
}
