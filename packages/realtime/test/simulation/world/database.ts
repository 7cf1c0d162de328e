/** The database file of one run, and its copies. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketMessage } from '../../../src/domain/message.ts';
import type { LogEntry } from '../../../src/domain/ports.ts';
import { REALTIME_MIGRATION, SqlChangeLog } from '../../../src/infrastructure/change-log.ts';
import { openReader, openWriter, type SqliteSession } from '../../../src/infrastructure/sqlite/session.ts';

/** Where file systems in memory are; elsewhere the folder for temporary files does. */
const MEMORY = '/dev/shm';
/** Rows of the channels in a database that has been in use: close to where the pieces of the frame cache end. */
const AGED_ROWS = [125, 126, 127, 383, 129, 130];

/** SQLite's own limit. Source: sqlite.org/limits.html, maximum number of pages. */
const MOST_PAGES = 4_294_967_294;

/** When simulations begin, milliseconds since 1970. */
export const START = Date.UTC(2026, 2, 1);

/** A database file to start from. */
interface Template {
  readonly path: string;
  readonly entries: readonly LogEntry[];
}

/** The files of all runs, in a folder of their own. */
export class DatabaseFolder {
  readonly path: string;
  readonly empty: Template;
  readonly aged: Template;

  private constructor(path: string, templates: { empty: Template; aged: Template }) {
    this.path = path;
    this.empty = templates.empty;
    this.aged = templates.aged;
  }

  /** @param channels that have a past in the aged template. */
  static async create(channels: readonly string[]): Promise<DatabaseFolder> {
    const path = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'simulation-'));
    const empty = await makeTemplate(join(path, 'empty.db'), []);
    const aged = await makeTemplate(join(path, 'aged.db'), channels);
    return new DatabaseFolder(path, { empty, aged });
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

async function makeTemplate(path: string, channels: readonly string[]): Promise<Template> {
  const session = openWriter(path);
  for (const sql of REALTIME_MIGRATION) session.run(sql, []);
  session.run('CREATE TABLE change (id INTEGER PRIMARY KEY)', []);
  const log = new SqlChangeLog({ reader: session, clock: { now: () => START - 60_000 } });
  const notifications = channels.flatMap((channel, place) =>
    Array.from({ length: AGED_ROWS[place] ?? 0 }, (_, index) => {
      const message = new WebSocketMessage({ type: 'system.announcement', data: { old: index } });
      return { channel, message };
    }),
  );
  const entries = await log.append(session, [{ notifications }]);
  session.close();
  return { path, entries };
}

/** One run's file, open for its one writer and its one reader. */
export class SimulatedDatabase {
  readonly #path: string;
  readonly #copy: string;
  #writer: SqliteSession;
  #reader: SqliteSession;

  constructor(folder: DatabaseFolder, template: Template) {
    this.#path = join(folder.path, 'run.db');
    this.#copy = join(folder.path, 'copy.db');
    copyFileSync(template.path, this.#path);
    this.#writer = openUnsynced(this.#path);
    this.#reader = openReader(this.#path);
  }

  get writer(): SqliteSession {
    return this.#writer;
  }

  get reader(): SqliteSession {
    return this.#reader;
  }

  /** The oldest number that each channel keeps, as the file says it. */
  oldest(channel: string): number | undefined {
    const sql = 'SELECT min(seq) AS seq FROM realtime_log WHERE channel_id = (SELECT id FROM realtime_channel WHERE key = ?)';
    return this.#reader.all<{ seq: number | null }>(sql, [channel])[0]?.seq ?? undefined;
  }

  /** Rows that the file has after a number, read past the log's own code. */
  after(channel: string, seq: number): Array<Pick<LogEntry, 'seq' | 'tag' | 'time' | 'json'>> {
    const sql = `SELECT l.seq, l.tag, l.time, l.content AS json FROM realtime_log l JOIN realtime_channel c ON c.id = l.channel_id
      WHERE c.key = ? AND l.seq > ? ORDER BY l.seq`;
    return this.#reader.all(sql, [channel, seq]);
  }

  /** Whether the file may grow. */
  setRoom(grows: boolean): void {
    // A limit below the present size is taken as that size.
    this.#writer.database.exec(`PRAGMA max_page_count = ${grows ? MOST_PAGES : 1}`);
  }

  /** Numbers of the units of work whose data are there. */
  changes(): Set<number> {
    return new Set(this.#reader.all<{ id: number }>('SELECT id FROM change', []).map(({ id }) => id));
  }

  close(): void {
    this.#reader.close();
    this.#writer.close();
  }

  /** The process is gone, and another opens the file. */
  reopen(): void {
    this.close();
    this.#open();
  }

  backup(): void {
    this.#writer.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    copyFileSync(this.#path, this.#copy);
  }

  /** Puts the last copy in place of the file. */
  restore(): void {
    this.close();
    copyFileSync(this.#copy, this.#path);
    this.#open();
  }

  #open(): void {
    this.#writer = openUnsynced(this.#path);
    this.#reader = openReader(this.#path);
  }
}

/** What is lost with the machine's power is not simulated. */
function openUnsynced(path: string): SqliteSession {
  const session = openWriter(path);
  session.database.exec('PRAGMA synchronous = OFF');
  return session;
}
