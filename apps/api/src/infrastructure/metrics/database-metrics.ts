import { stat } from 'node:fs/promises';
import { type CommitGroup, type KeptLog, LogSize, type SqliteSession } from '@friday/realtime';
import type { Registry } from 'prom-client';
import { BucketHistogram } from './bucket-histogram.ts';
import { DURATIONS, SIZES } from './buckets.ts';
import { LabelCounter } from './label-counter.ts';
import { Readings } from './readings.ts';

/** What the database does and holds. */
export class DatabaseMetrics {
  readonly #groups: LabelCounter;
  readonly #waits = new BucketHistogram({
    name: 'friday_unit_wait_seconds',
    help: 'From the moment at which a unit of work was queued until its transaction began.',
    buckets: DURATIONS,
  });
  readonly #work = new BucketHistogram({
    name: 'friday_commit_work_seconds',
    help: 'From BEGIN until all units of work of a transaction had run and their notifications were inserted.',
    buckets: DURATIONS,
  });
  readonly #commits = new BucketHistogram({
    name: 'friday_commit_duration_seconds',
    help: 'COMMIT itself, with its sync to disk.',
    buckets: DURATIONS,
  });
  readonly #sizes = new BucketHistogram({
    name: 'friday_commit_units',
    help: 'Units of work that one transaction made durable together.',
    buckets: SIZES,
  });
  readonly #reads = new BucketHistogram({
    name: 'friday_database_read_seconds',
    help: 'Statements of the connection that only reads.',
    buckets: DURATIONS,
  });
  #log: KeptLog = { rows: 0, bytes: 0 };
  #files = { main: 0, wal: 0 };
  #sources: { readonly reader: SqliteSession; readonly path: string; readonly size: LogSize } | undefined;

  constructor(registry: Registry) {
    const readings = new Readings(registry);
    this.#groups = new LabelCounter({
      registry,
      name: 'friday_commits_total',
      help: 'Transactions of the group commit, by outcome: committed, or lost with all their units.',
      labels: ['outcome'],
      start: ['committed', 'lost'],
    });
    readings.gauge(
      'friday_log_rows',
      'Notifications that the log keeps, as the last walk over its channels found (a few milliseconds of it a scrape).',
      () => this.#log.rows,
    );
    readings.gauge(
      'friday_log_bytes',
      'Their size, estimated: the rows of each channel, as long as its newest.',
      () => this.#log.bytes,
    );
    readings.gauges('friday_database_bytes', 'Size of the database file and of its write-ahead log.', 'file', () => this.#files);
  }

  get histograms(): readonly BucketHistogram[] {
    return [this.#waits, this.#work, this.#commits, this.#sizes, this.#reads];
  }

  /** Counts a transaction. */
  group({ waits, workMs, commitMs, committed }: CommitGroup): void {
    this.#groups.add(committed ? 'committed' : 'lost');
    for (const wait of waits) this.#waits.observe(wait / 1000);
    this.#work.observe(workMs / 1000);
    if (!committed) return;
    this.#commits.observe(commitMs / 1000);
    this.#sizes.observe(waits.length);
  }

  /** Measures this connection's statements from now on, and the file that it reads. */
  observe(reader: SqliteSession, path: string): void {
    reader.onStatement = (ms) => this.#reads.observe(ms / 1000);
    this.#sources = { reader, path, size: new LogSize(reader) };
  }

  /** Reads what takes a look at the disk. */
  async refresh(): Promise<void> {
    if (!this.#sources) return;
    const { path, size } = this.#sources;
    this.#log = await size.look();
    this.#files = { main: await bytesOf(path), wal: await bytesOf(`${path}-wal`) };
  }
}

/** Size of a file; 0 where there is none. */
async function bytesOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}
