import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, openWriter, REALTIME_MIGRATION, Retention, type SqliteSession } from '@friday/realtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RetentionJob } from './retention-job.ts';

const ROWS = 2500;
let folder: string;
let session: SqliteSession;
let job: RetentionJob;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  session = openWriter(join(folder, 'test.db'));
  session.run('BEGIN', []);
  for (const statement of REALTIME_MIGRATION) session.run(statement, []);
  session.run("INSERT INTO realtime_channel (key, head_seq, head_tag, head_time) VALUES ('user:1', ?, 'tag', 0)", [ROWS]);
  for (let seq = 1; seq <= ROWS; seq += 1) {
    session.run("INSERT INTO realtime_log (channel_id, seq, tag, time, content) VALUES (1, ?, 'tag', 0, '{}')", [seq]);
  }
  session.run('COMMIT', []);
});
afterEach(() => {
  job.stop();
  session.close();
  rmSync(folder, { recursive: true });
});

const kept = () => session.all<{ count: number }>('SELECT count(*) AS count FROM realtime_log', [])[0]?.count;

/** A logger that calls back with each warning. */
function listening(onWarning: (message: string) => void): Logger {
  const nothing = () => undefined;
  return { debug: nothing, info: nothing, error: nothing, warn: (_fields, message) => onWarning(message) };
}

test('old notifications go, slice by slice, until all are gone', async () => {
  const retention = new Retention({ clock: { now: () => 10_000 }, maxAgeMs: 1_000, maxCount: 100_000 });
  const slices: unknown[] = [];
  await new Promise<void>((resolve) => {
    const run = async <T>(work: (tx: unknown) => Promise<T>): Promise<T> => {
      const result = await work(undefined);
      slices.push(kept());
      if (result === false) resolve();
      return result;
    };
    job = new RetentionJob({ retention, session, unitOfWork: { run }, logger: listening(() => undefined) });
    job.start();
  });
  expect(slices).toEqual([1500, 500, 0]);
});

test('a pass that fails is warned of', async () => {
  const retention = new Retention({ clock: { now: () => 10_000 }, maxAgeMs: 1_000, maxCount: 100_000 });
  const warning = await new Promise<string>((resolve) => {
    const run = () => Promise.reject(new Error('no room'));
    job = new RetentionJob({ retention, session, unitOfWork: { run }, logger: listening(resolve) });
    job.start();
  });
  expect(warning).toBe('old notifications could not be removed');
  expect(kept()).toBe(ROWS);
});

test('after its end nothing starts', async () => {
  const retention = new Retention({ clock: { now: () => 10_000 }, maxAgeMs: 1_000, maxCount: 100_000 });
  const run = () => Promise.reject(new Error('It ran.'));
  job = new RetentionJob({
    retention,
    session,
    unitOfWork: { run },
    logger: listening(() => {
      throw new Error('It ran.');
    }),
  });
  job.start();
  job.stop();
  job.start();
  await new Promise((resolve) => setImmediate(resolve));
  expect(kept()).toBe(ROWS);
});
