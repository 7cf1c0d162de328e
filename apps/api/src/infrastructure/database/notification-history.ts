import { type SqlChangeLog, type SqliteSession, type Transaction, userChannel } from '@friday/realtime';
import type { NotificationHistory } from '../../domain/ports.ts';

const ORPHANS = `SELECT substr(key, length(?1) + 1) AS "userId" FROM realtime_channel
  WHERE key GLOB ?1 || '*' AND substr(key, length(?1) + 1) NOT IN (SELECT id FROM users)`;

export interface SqlNotificationHistoryDeps {
  readonly log: SqlChangeLog;
  /** The connection in whose transactions the log is written. */
  readonly writer: SqliteSession;
  readonly reader: SqliteSession;
}

/** What the log keeps of users. */
export class SqlNotificationHistory implements NotificationHistory<Transaction> {
  readonly #deps: SqlNotificationHistoryDeps;

  constructor(deps: SqlNotificationHistoryDeps) {
    this.#deps = deps;
  }

  async forget(_tx: Transaction, userId: string): Promise<boolean> {
    return this.#deps.log.forget(this.#deps.writer, userChannel(userId));
  }

  async orphans(): Promise<readonly string[]> {
    return this.#deps.reader.all<{ userId: string }>(ORPHANS, [userChannel('')]).map(({ userId }) => userId);
  }
}
