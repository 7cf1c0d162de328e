import { onTestFinished } from 'vitest';
import { WebSocketMessage } from '../../src/domain/message.ts';
import type { Clock, LogEntry, Transaction } from '../../src/domain/ports.ts';
import { REALTIME_MIGRATION, SqlChangeLog } from '../../src/infrastructure/change-log.ts';
import { openReader, openWriter, type SqliteSession } from '../../src/infrastructure/sqlite/session.ts';
import { systemClock } from '../../src/infrastructure/system-clock.ts';
import { temporaryDatabase } from './files.ts';

/** The change log on a file of its own, without the layer above it. */
export interface TestLog {
  readonly path: string;
  readonly writer: SqliteSession;
  readonly reader: SqliteSession;
  readonly log: SqlChangeLog;
  /** Commits announcements to a channel, one transaction for all. @returns the rows. */
  commit(channel: string, ...messages: readonly WebSocketMessage[]): Promise<LogEntry[]>;
}

/** Makes one; it is closed when the test has ended. */
export function openTestLog(clock: Pick<Clock, 'now'> = systemClock, path = temporaryDatabase()): TestLog {
  const writer = openWriter(path);
  for (const statement of REALTIME_MIGRATION) writer.run(statement);
  const reader = openReader(path);
  const log = new SqlChangeLog({ reader, clock });
  onTestFinished(() => {
    reader.close();
    writer.close();
  });
  const commit = async (channel: string, ...messages: readonly WebSocketMessage[]) => {
    const tx: Transaction = { notifications: messages.map((message) => ({ channel, message })) };
    writer.run('BEGIN IMMEDIATE');
    const entries = await log.append(writer, [tx]);
    writer.run('COMMIT');
    return entries;
  };
  return { path, writer, reader, log, commit };
}

/** The `count` messages `test.event` with the numbers from `first` as their data. */
export function events(count: number, first = 1): WebSocketMessage[] {
  return Array.from({ length: count }, (_, index) => event(first + index));
}

/** A message `test.event`. @param fill characters of padding. */
export function event(number: number, fill = 0): WebSocketMessage {
  const padding = fill > 0 ? { padding: 'x'.repeat(fill) } : {};
  return new WebSocketMessage({ type: 'test.event', data: { number, ...padding } });
}
