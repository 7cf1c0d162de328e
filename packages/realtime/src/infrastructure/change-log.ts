/**
 * The change log on SQL, over the host's transaction. Channels and rows have integer keys; tags are random per row (P8), but for
 * `seq` 0, which has no row: its tag is a hash of the channel's key and of this database's own origin.
 */
import { createHash } from 'node:crypto';
import type { Addressed, ChangeLog, Clock, Head, Located, LogEntry, Transaction } from '../domain/ports.ts';
import type { SqlSession } from '../domain/sql.ts';
import { mergeMasses } from './merge-masses.ts';
import { TAG_CHARACTERS, TagSource } from './tag-source.ts';

/** Statements that make the log's tables; the host runs them once, as a migration of its own. */
export const REALTIME_MIGRATION: readonly string[] = [
  'CREATE TABLE realtime_origin (origin TEXT NOT NULL)',
  'INSERT INTO realtime_origin (origin) VALUES (lower(hex(randomblob(16))))',
  `CREATE TABLE realtime_channel (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    head_seq INTEGER NOT NULL,
    head_tag TEXT NOT NULL,
    head_time INTEGER NOT NULL
  )`,
  'CREATE INDEX realtime_channel_head_time ON realtime_channel (head_time)',
  `CREATE TABLE realtime_log (
    channel_id INTEGER NOT NULL REFERENCES realtime_channel (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    tag TEXT NOT NULL,
    time INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (channel_id, seq)
  ) WITHOUT ROWID`,
];

const RAISE_HEAD = `INSERT INTO realtime_channel (key, head_seq, head_tag, head_time) VALUES (?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET head_seq = head_seq + excluded.head_seq, head_tag = excluded.head_tag,
    head_time = max(head_time, excluded.head_time)
  RETURNING id, head_seq AS seq, head_time AS time`;
const INSERT_ROW = 'INSERT INTO realtime_log (channel_id, seq, tag, time, content) VALUES (?, ?, ?, ?, ?)';
const LOCATE = `SELECT c.head_seq AS seq, c.head_tag AS tag, l.tag AS rowTag FROM realtime_channel c
  LEFT JOIN realtime_log l ON l.channel_id = c.id AND l.seq = ? WHERE c.key = ?`;
const READ = `SELECT seq, tag, time, content AS json FROM realtime_log
  WHERE channel_id = (SELECT id FROM realtime_channel WHERE key = ?) AND seq > ? AND seq <= ? ORDER BY seq`;
const FORGOTTEN_AT_ONCE = 1000;
// Rows are numbered without gaps, and the oldest go first.
const FORGET_ROWS = `WITH channel AS (SELECT id FROM realtime_channel WHERE key = ?)
  DELETE FROM realtime_log WHERE channel_id = (SELECT id FROM channel) AND seq <
    (SELECT min(seq) + ${FORGOTTEN_AT_ONCE} FROM realtime_log WHERE channel_id = (SELECT id FROM channel))`;
const ANY_ROW = 'SELECT 1 FROM realtime_log WHERE channel_id = (SELECT id FROM realtime_channel WHERE key = ?) LIMIT 1';
const CHANGED = 'SELECT key AS channel, head_seq AS seq, head_tag AS tag FROM realtime_channel WHERE head_time > ?';

export interface SqlChangeLogDeps {
  /** A session that sees committed rows only. */
  readonly reader: SqlSession;
  readonly clock: Pick<Clock, 'now'>;
}

/** {@link ChangeLog} on SQLite. */
export class SqlChangeLog implements ChangeLog {
  readonly #reader: SqlSession;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tags = new TagSource();
  #origin: string | undefined;

  constructor(deps: SqlChangeLogDeps) {
    this.#reader = deps.reader;
    this.#clock = deps.clock;
  }

  /**
   * Numbers and inserts what was announced in these units of work, in the host's one open transaction; nothing but COMMIT may
   * follow (I2). Channels are taken in the order of their keys, so that no two transactions can wait for each other.
   * @returns the rows, by channel and in order.
   */
  async append(session: SqlSession, units: readonly Transaction[]): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for (const [channel, contents] of byChannel(units.flatMap((unit) => mergeMasses(unit.notifications)))) {
      const tags = contents.map(() => this.#tags.next());
      const parameters = [channel, contents.length, tags.at(-1) ?? '', this.#clock.now()];
      const [head] = await session.all<{ id: number; seq: number; time: number }>(RAISE_HEAD, parameters);
      if (!head) throw new Error(`The head of channel ${channel} was not raised.`);
      for (const [index, json] of contents.entries()) {
        const entry = { channel, seq: head.seq - contents.length + 1 + index, tag: tags[index] ?? '', time: head.time, json };
        await session.all(INSERT_ROW, [head.id, entry.seq, entry.tag, entry.time, entry.json]);
        entries.push(entry);
      }
    }
    return entries;
  }

  /**
   * Removes a channel that nobody will follow any more, in the host's open transaction: its oldest thousand rows, and with the last of
   * them the channel itself. To be called until nothing is left; in transactions of their own, so that none takes long.
   * @returns whether there is more.
   */
  async forget(session: SqlSession, channel: string): Promise<boolean> {
    await session.all(FORGET_ROWS, [channel]);
    const [more] = await session.all(ANY_ROW, [channel]);
    if (more) return true;
    await session.all('DELETE FROM realtime_channel WHERE key = ?', [channel]);
    return false;
  }

  async heads(channels: readonly string[]): Promise<Head[]> {
    const sql = `SELECT key AS channel, head_seq AS seq, head_tag AS tag FROM realtime_channel
      WHERE key IN (${channels.map(() => '?').join(', ')})`;
    const rows = await this.#reader.all<Head>(sql, channels);
    const known = new Map(rows.map((row) => [row.channel, row]));
    const origin = await this.#readOrigin();
    return channels.map((channel) => known.get(channel) ?? { channel, seq: 0, tag: firstTag(origin, channel) });
  }

  async locate(channel: string, seq: number): Promise<Located> {
    const origin = await this.#readOrigin();
    const [row] = await this.#reader.all<{ seq: number; tag: string; rowTag: string | null }>(LOCATE, [
      Math.max(seq, 1),
      channel,
    ]);
    const start = firstTag(origin, channel);
    if (!row) return { head: { channel, seq: 0, tag: start }, tag: seq === 0 ? start : undefined };
    const head = { channel, seq: row.seq, tag: row.tag };
    if (seq === row.seq) return { head, tag: row.tag };
    if (row.rowTag === null) return { head, tag: undefined };
    return { head, tag: seq === 0 ? start : row.rowTag };
  }

  async read(channel: string, after: number, through: number): Promise<LogEntry[]> {
    const rows = await this.#reader.all<Omit<LogEntry, 'channel'>>(READ, [channel, after, through]);
    return rows.map((row) => ({ channel, ...row }));
  }

  async changedWithin(ms: number): Promise<Head[]> {
    return this.#reader.all<Head>(CHANGED, [this.#clock.now() - ms]);
  }

  async #readOrigin(): Promise<string> {
    this.#origin ??= (await this.#reader.all<{ origin: string }>('SELECT origin FROM realtime_origin', []))[0]?.origin;
    if (this.#origin === undefined) throw new Error('The table realtime_origin is empty: the migration did not run.');
    return this.#origin;
  }
}

/** Contents by channel, channels in the order of their keys, contents in the order in which they were announced. */
function byChannel(notifications: readonly Addressed[]): Array<[string, string[]]> {
  const groups = new Map<string, string[]>();
  for (const { channel, message } of notifications) {
    const group = groups.get(channel);
    if (group) group.push(message.json);
    else groups.set(channel, [message.json]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function firstTag(origin: string, channel: string): string {
  return createHash('sha256').update(`${origin} ${channel}`).digest('base64url').slice(0, TAG_CHARACTERS);
}
