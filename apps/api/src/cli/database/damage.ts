/** Looks for damage in a database: what SQLite itself can tell, and what must be true of the notifications. */
import type { SqliteSession } from '@friday/realtime';
import { jsonQueries } from './json-columns.ts';
import { isDamaged } from './state.ts';

/** One thing that is not as it must be. */
export interface Finding {
  readonly code: FindingCode;
  /** Which row, table or channel. */
  readonly where: string;
  readonly message: string;
}

/** The kinds of findings. Never changed once released. */
export const FINDING_CODES = [
  'storage',
  'reference',
  'origin',
  'head_seq',
  'head_tag',
  'head_time',
  'log_gap',
  'log_time',
  'channel_orphan',
  'json',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/** How much was looked at. */
export interface Counted {
  readonly users: number;
  readonly channels: number;
  readonly notifications: number;
}

export interface Report {
  readonly findings: readonly Finding[];
  /** Whether there is more of a kind than is listed. */
  readonly more: boolean;
  /** Absent where the file is too broken to count. */
  readonly counted: Counted | undefined;
}

interface Check {
  readonly code: FindingCode;
  /** Gives one row for each fault: where it is, and what is wrong. */
  readonly sql: string;
}

interface Found {
  readonly place: string;
  readonly fault: string;
}

/** Findings of one kind that are listed. */
const LISTED = 20;

/** Channels with what the log has of them. Retention removes the oldest rows, all of them perhaps; the head stays. */
const KEPT = `SELECT c.key AS place, c.head_seq, c.head_tag, c.head_time, l.first, l.last, l.number,
    h.tag AS row_tag, h.time AS row_time
  FROM realtime_channel c
  LEFT JOIN (SELECT channel_id, min(seq) AS first, max(seq) AS last, count(*) AS number FROM realtime_log GROUP BY channel_id) l
    ON l.channel_id = c.id
  LEFT JOIN realtime_log h ON h.channel_id = c.id AND h.seq = c.head_seq`;

const CHECKS: readonly Check[] = [
  {
    code: 'storage',
    sql: "SELECT 'file' AS place, integrity_check AS fault FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
  },
  {
    code: 'reference',
    sql: `SELECT "table" || coalesce(' row ' || rowid, '') AS place, 'refers to a row of ' || parent || ' that is not there' AS fault
      FROM pragma_foreign_key_check`,
  },
  {
    code: 'origin',
    sql: "SELECT 'realtime_origin' AS place, 'has ' || count(*) || ' rows instead of one' AS fault FROM realtime_origin HAVING count(*) <> 1",
  },
  {
    code: 'head_seq',
    sql: `SELECT place, 'head is ' || head_seq || ', the last row ' || coalesce(last, 'missing') AS fault FROM (${KEPT})
      WHERE head_seq < 1 OR last <> head_seq`,
  },
  {
    code: 'head_tag',
    sql: `SELECT place, 'the head has another tag than its row' AS fault FROM (${KEPT}) WHERE row_tag <> head_tag`,
  },
  {
    code: 'head_time',
    sql: `SELECT place, 'the head has another time than its row' AS fault FROM (${KEPT}) WHERE row_time <> head_time`,
  },
  {
    code: 'log_gap',
    sql: `SELECT place, 'rows are missing between ' || first || ' and ' || last AS fault FROM (${KEPT}) WHERE first < 1 OR last - first + 1 <> number`,
  },
  {
    code: 'log_time',
    sql: `SELECT key || '.' || seq AS place, 'is older than the row before it' AS fault FROM (
        SELECT channel_id, seq, time, lag(time) OVER (PARTITION BY channel_id ORDER BY seq) AS before FROM realtime_log
      ) JOIN realtime_channel c ON c.id = channel_id WHERE time < before`,
  },
  {
    code: 'channel_orphan',
    sql: `SELECT key AS place, 'belongs to no user' AS fault FROM realtime_channel
      WHERE key LIKE 'user:%' AND substr(key, 6) NOT IN (SELECT id FROM users)`,
  },
];

/**
 * Checks the whole database as it is at one moment. Writers do not wait for it.
 * @param session a connection that only reads, outside of a transaction.
 */
export function findDamage(session: SqliteSession): Report {
  try {
    session.run('BEGIN');
    const checks = [...CHECKS, ...jsonQueries(session).map((sql): Check => ({ code: 'json', sql }))];
    const found = checks.map((check) => run(session, check));
    const findings = found.flatMap((list) => list.slice(0, LISTED));
    return { findings, more: found.some((list) => list.length > LISTED), counted: count(session) };
  } catch (error) {
    if (!isDamaged(error)) throw error;
    return { findings: [{ code: 'storage', where: 'file', message: String(error) }], more: true, counted: undefined };
  } finally {
    if (session.inTransaction) session.run('ROLLBACK');
  }
}

function run(session: SqliteSession, { code, sql }: Check): Finding[] {
  const rows = session.all<Found>(`${sql} LIMIT ${LISTED + 1}`);
  return rows.map(({ place, fault }) => ({ code, where: place, message: fault }));
}

function count(session: SqliteSession): Counted | undefined {
  const [counted] = session.all<Counted>(`SELECT (SELECT count(*) FROM users) AS users,
    (SELECT count(*) FROM realtime_channel) AS channels, (SELECT count(*) FROM realtime_log) AS notifications`);
  return counted;
}
