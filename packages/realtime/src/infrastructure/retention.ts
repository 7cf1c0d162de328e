import type { Clock } from '../domain/ports.ts';
import type { SqlSession } from '../domain/sql.ts';

const CHANNELS_A_SLICE = 100;
const ROWS_A_SLICE = 1000;

const NEXT_CHANNELS = `SELECT id, head_seq AS head FROM realtime_channel WHERE id > ? ORDER BY id LIMIT ${CHANNELS_A_SLICE}`;
const FIRST_ROW = 'SELECT seq, time FROM realtime_log WHERE channel_id = ? ORDER BY seq LIMIT 1';
const LAST_EXPIRED = 'SELECT max(seq) AS seq FROM realtime_log WHERE channel_id = ? AND seq < ? AND time < ?';
const REMOVE = 'DELETE FROM realtime_log WHERE channel_id = ? AND seq <= ?';

export interface RetentionDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** Age in milliseconds beyond which rows go. */
  readonly maxAgeMs: number;
  /** Rows that a channel keeps at most. */
  readonly maxCount: number;
}

/** Removes old rows from the log in small slices; heads stay, so an idle channel still resumes (P12). */
export class Retention {
  readonly #deps: RetentionDeps;
  #lastChannel = 0;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /**
   * Removes up to a thousand rows from up to a hundred channels, in the host's open transaction, and goes on from there at the
   * next call.
   * @returns whether the pass over all channels has more to do.
   */
  async prune(session: SqlSession): Promise<boolean> {
    const channels = await session.all<{ id: number; head: number }>(NEXT_CHANNELS, [this.#lastChannel]);
    let room = ROWS_A_SLICE;
    for (const channel of channels) {
      const removed = await this.#pruneChannel(session, channel, room);
      room -= removed;
      if (room <= 0) return true;
      this.#lastChannel = channel.id;
    }
    if (channels.length === CHANNELS_A_SLICE) return true;
    this.#lastChannel = 0;
    return false;
  }

  /** @returns the rows removed. */
  async #pruneChannel(session: SqlSession, { id, head }: { id: number; head: number }, room: number): Promise<number> {
    const { clock, maxAgeMs, maxCount } = this.#deps;
    const [first] = await session.all<{ seq: number; time: number }>(FIRST_ROW, [id]);
    if (!first) return 0;
    let through = head - maxCount;
    if (first.time < clock.now() - maxAgeMs) {
      const [expired] = await session.all<{ seq: number }>(LAST_EXPIRED, [id, first.seq + room, clock.now() - maxAgeMs]);
      through = Math.max(through, expired?.seq ?? 0);
    }
    through = Math.min(through, first.seq + room - 1);
    if (through < first.seq) return 0;
    await session.all(REMOVE, [id, through]);
    return through - first.seq + 1;
  }
}
