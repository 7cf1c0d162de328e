/** The database file of one run, its copies, and the faults of reading from it. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketMessage } from '../../src/domain/message.ts';
import type { LogEntry } from '../../src/domain/ports.ts';
import type { SqlSession, SqlValue } from '../../src/domain/sql.ts';
import { REALTIME_MIGRATION, SqlChangeLog } from '../../src/infrastructure/change-log.ts';
import { openReader, openWriter, type SqliteSession } from '../../src/infrastructure/sqlite/session.ts';

/** Where file systems in memory are; elsewhere the folder for temporary files does. */
const MEMORY = '/dev/shm';
/** Rows of the channels in a database that has been in use: close to where the pieces of the frame cache end. */
const AGED_ROWS = [125, 126, 127, 383, 129, 130];

/** Reads of one turn of the event loop, far more than any needs. */
const MAX_READS_IN_TURN = 10_000;

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

/** The log's reader, whose answers may be held back or fail, as those of a database on another machine do. */
export class HeldReader implements SqlSession {
  readonly #session: SqliteSession;
  readonly #held: Array<() => void> = [];
  #holdsLeft = 0;
  #snapshot = false;
  #failuresLeft = 0;
  #failures = 0;
  #readsInTurn = 0;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  /** Answers that are held back. */
  get held(): number {
    return this.#held.length;
  }

  /** Reads that have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether something read so often in one turn that it would never have ended. */
  get ranAway(): boolean {
    return this.#readsInTurn > MAX_READS_IN_TURN;
  }

  /** Another turn of the event loop begins. */
  beginTurn(): void {
    this.#readsInTurn = 0;
  }

  /** Makes the next reads fail. */
  fail(count: number): void {
    this.#failuresLeft = count;
  }

  /** Holds back the next answers. @param snapshot whether they tell what stood when they were asked for, or when they are let go. */
  hold(count: number, snapshot: boolean): void {
    this.#holdsLeft = count;
    this.#snapshot = snapshot;
  }

  all<Row>(sql: string, parameters: readonly SqlValue[]): Row[] | Promise<Row[]> {
    this.#readsInTurn++;
    if (this.ranAway) throw new Error('The reads of this turn have no end.');
    if (this.#holdsLeft === 0) return this.#run(sql, parameters);
    this.#holdsLeft--;
    const { promise, resolve } = Promise.withResolvers<Row[]>();
    if (!this.#snapshot) this.#held.push(() => resolve(this.#attempt(sql, parameters)));
    else {
      const answer = this.#attempt<Row>(sql, parameters);
      this.#held.push(() => resolve(answer));
    }
    return promise;
  }

  /** Lets answers go, the oldest or the newest first. */
  answer(count: number, newestFirst: boolean): void {
    for (let left = Math.min(count, this.#held.length); left > 0; left--) {
      const next = newestFirst ? this.#held.pop() : this.#held.shift();
      next?.();
    }
  }

  /** @returns a promise, so that a failure waits for its turn as well. */
  #attempt<Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
    const answer = new Promise<Row[]>((resolve) => resolve(this.#run(sql, parameters)));
    // An answer that is never let go, because the process is gone, fails nobody.
    answer.catch(() => undefined);
    return answer;
  }

  #run<Row>(sql: string, parameters: readonly SqlValue[]): Row[] {
    if (this.#failuresLeft > 0) {
      this.#failuresLeft--;
      this.#failures++;
      throw new Error('The simulated database cannot be read.');
    }
    return this.#session.all<Row>(sql, parameters);
  }
}
