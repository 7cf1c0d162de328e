import type { SqlSession } from '../domain/sql.ts';

const CHANNELS_A_SLICE = 200;
/** Milliseconds that one look may take. */
const BUDGET_MS = 4;
/** What a row takes beside its content: keys, tag and time. */
const ROW_BYTES = 50;

// Rows of a channel are numbered without gaps, so its first and its last tell how many there are: two look-ups instead of a count.
const SLICE = `SELECT id, head_seq AS head,
    (SELECT min(seq) FROM realtime_log WHERE channel_id = c.id) AS first,
    (SELECT length(content) FROM realtime_log WHERE channel_id = c.id AND seq = c.head_seq) AS newest
  FROM realtime_channel c WHERE id > ? ORDER BY id LIMIT ${CHANNELS_A_SLICE}`;

/** How much the log keeps. Bytes are estimated: the rows of each channel, as long as its newest. */
export interface KeptLog {
  readonly rows: number;
  readonly bytes: number;
}

interface ChannelRow {
  readonly id: number;
  readonly head: number;
  readonly first: number | null;
  readonly newest: number | null;
}

/**
 * Finds out how much the log keeps without counting its rows: it goes over the channels a few milliseconds at a time, and says what the
 * last whole walk has found, or, until there was one, the present one so far.
 */
export class LogSize {
  readonly #reader: SqlSession;
  #last = 0;
  #walk: KeptLog = { rows: 0, bytes: 0 };
  #whole: KeptLog | undefined;

  /** @param reader a session that sees committed rows only. */
  constructor(reader: SqlSession) {
    this.#reader = reader;
  }

  /** Goes on with the walk, and says what is known. Rejects with the database's errors. */
  async look(): Promise<KeptLog> {
    const end = performance.now() + BUDGET_MS;
    let done = false;
    do done = await this.#slice();
    while (!done && performance.now() < end);
    return this.#whole ?? this.#walk;
  }

  /** @returns whether the walk is done. */
  async #slice(): Promise<boolean> {
    const channels = await this.#reader.all<ChannelRow>(SLICE, [this.#last]);
    let { rows, bytes } = this.#walk;
    for (const { head, first, newest } of channels) {
      const kept = first === null ? 0 : head - first + 1;
      rows += kept;
      bytes += kept * ((newest ?? 0) + ROW_BYTES);
    }
    this.#walk = { rows, bytes };
    this.#last = channels.at(-1)?.id ?? 0;
    if (channels.length === CHANNELS_A_SLICE) return false;
    this.#whole = this.#walk;
    this.#walk = { rows: 0, bytes: 0 };
    this.#last = 0;
    return true;
  }
}
