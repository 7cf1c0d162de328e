/** The layer on one SQLite file, composed: a host brings its tables, a server and an authenticator. */
import type { Transaction } from './domain/ports.ts';
import { REALTIME_MIGRATION, SqlChangeLog } from './infrastructure/change-log.ts';
import { Retention } from './infrastructure/retention.ts';
import { RetentionTimer } from './infrastructure/retention-timer.ts';
import { silentLogger } from './infrastructure/silent-logger.ts';
import { watchCommits } from './infrastructure/sqlite/commit-watch.ts';
import { GroupCommit } from './infrastructure/sqlite/group-commit.ts';
import { lockFile } from './infrastructure/sqlite/lock.ts';
import { openReader, openWriter, type SqliteSession } from './infrastructure/sqlite/session.ts';
import { systemClock } from './infrastructure/system-clock.ts';
import { createRealtime, type Realtime, type RealtimeOptions } from './realtime.ts';

/** What the log keeps of a channel: rows that are neither too old nor too many. */
export interface RetentionLimits {
  /** Milliseconds. Default: seven days. */
  readonly maxAgeMs?: number;
  /** Rows. Default: 100,000. */
  readonly maxCount?: number;
}

interface CommonOptions extends Omit<RealtimeOptions, 'log'> {
  readonly retention?: RetentionLimits;
}

export interface SqliteRealtimeOptions extends CommonOptions {
  /** The only connection that writes. {@link REALTIME_MIGRATION} has been run through it. */
  readonly writer: SqliteSession;
  /** A connection to the same file that only reads. */
  readonly reader: SqliteSession;
}

export interface SqliteFileOptions extends CommonOptions {
  /** The database file; it is made where there is none. The host's own tables may be in it. */
  readonly path: string;
}

/** The running layer, with the transactions of its file. */
export interface SqliteRealtime extends Realtime {
  /** Sees what is committed, and nothing else. */
  readonly reader: SqliteSession;
  /**
   * Runs `work` in one transaction: what it writes through `sql` and what it announces with `tx` are committed together, or not at
   * all (I1). It must await nothing but SQL.
   * @returns what `work` returned, once it is durable. Rejects with what it threw, or with the database's error.
   */
  transaction<T>(work: (tx: Transaction, sql: SqliteSession) => T | PromiseLike<T>): Promise<T>;
}

/** Starts the layer on connections that the host has opened, and closes itself. */
export function createSqliteRealtime({ writer, reader, retention, ...options }: SqliteRealtimeOptions): SqliteRealtime {
  const { clock = systemClock, logger = silentLogger } = options;
  const { maxAgeMs = 7 * 24 * 3_600_000, maxCount = 100_000 } = retention ?? {};
  const log = new SqlChangeLog({ reader, clock });
  const realtime = createRealtime({ ...options, log });
  const groups = new GroupCommit({
    session: writer,
    append: (session, units) => log.append(session, units),
    onCommitted: (entries) => realtime.service.committed(entries),
  });
  const timer = new RetentionTimer({
    retention: new Retention({ clock, maxAgeMs, maxCount }),
    transaction: (work) => groups.run(() => work(writer)),
    clock,
    logger,
  });
  const unwatch = watchCommits(writer, clock, () => void realtime.service.reconcile());
  return {
    ...realtime,
    reader,
    transaction: (work) => groups.run((tx) => work(tx, writer)),
    close: async (graceMs) => {
      timer.stop();
      unwatch();
      await realtime.close(graceMs);
      await groups.settled();
    },
  };
}

/**
 * Opens a database file and starts the layer on it. The file is this process's alone until {@link Realtime.close}.
 * @throws Error in one line when another process serves the file; node:sqlite's errors.
 */
export function openSqliteRealtime({ path, ...options }: SqliteFileOptions): SqliteRealtime {
  const opened: Array<() => void> = [];
  const closeAll = () => {
    for (const close of opened.splice(0).reverse()) close();
  };
  try {
    const lock = lockFile(path);
    opened.push(() => lock.release());
    const writer = openWriter(path);
    opened.push(() => writer.close());
    migrate(writer);
    const reader = openReader(path);
    opened.push(() => reader.close());
    const running = createSqliteRealtime({ ...options, writer, reader });
    return {
      ...running,
      close: async (graceMs) => {
        await running.close(graceMs);
        closeAll();
      },
    };
  } catch (error) {
    closeAll();
    throw error;
  }
}

function migrate(writer: SqliteSession): void {
  writer.database.exec('BEGIN IMMEDIATE');
  try {
    const [there] = writer.all("SELECT 1 FROM sqlite_schema WHERE name = 'realtime_log'");
    if (!there) for (const statement of REALTIME_MIGRATION) writer.database.exec(statement);
    writer.database.exec('COMMIT');
  } catch (error) {
    if (writer.inTransaction) writer.database.exec('ROLLBACK');
    throw error;
  }
}
