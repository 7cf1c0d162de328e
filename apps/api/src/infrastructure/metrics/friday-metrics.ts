import type { CommitGroup, RealtimeMetrics, SqliteSession } from '@friday/realtime';
import { Registry } from 'prom-client';
import { DatabaseMetrics } from './database-metrics.ts';
import { type AnsweredRequest, HttpMetrics } from './http-metrics.ts';
import { type LayerLimits, LayerMetrics, type LayerSource } from './layer-metrics.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { Readings } from './readings.ts';
import { RealtimeEvents } from './realtime-metrics.ts';

export interface FridayMetricsOptions {
  readonly version: string;
  readonly limits: LayerLimits;
  /** Types of notifications that are known beforehand, and codes of all faults of REST: their series begin with 0. */
  readonly types: readonly string[];
  readonly codes: readonly string[];
}

/** What is looked at when somebody asks. */
export interface Observed {
  readonly layer: LayerSource;
  readonly reader: SqliteSession;
  /** The database file. */
  readonly path: string;
}

/** All metrics of one server: `docs/operations.md` explains each of them. */
export class FridayMetrics {
  readonly #registry = new Registry();
  readonly #events: RealtimeEvents;
  readonly #layer: LayerMetrics;
  readonly #database: DatabaseMetrics;
  readonly #http: HttpMetrics;
  readonly #process: ProcessMetrics;
  #observed: Observed | undefined;

  constructor({ version, limits, types, codes }: FridayMetricsOptions) {
    const registry = this.#registry;
    this.#events = new RealtimeEvents(registry, types);
    this.#layer = new LayerMetrics(registry, limits);
    this.#database = new DatabaseMetrics(registry);
    this.#http = new HttpMetrics(registry, codes);
    this.#process = new ProcessMetrics(registry, version);
    const readings = new Readings(registry);
    readings.counter(
      'friday_log_read_rows_total',
      'Rows that were read from the log for connections that were behind.',
      () => this.#events.logRows,
    );
    readings.counter(
      'friday_lost_wake_ups_total',
      'Channels whose head had moved without a wake-up, found by a look.',
      () => this.#events.lostWakeUps,
    );
  }

  /** Where the notification layer tells its events. */
  get realtime(): RealtimeMetrics {
    return this.#events;
  }

  /** Counts a transaction of the group commit. */
  group(group: CommitGroup): void {
    this.#database.group(group);
  }

  /** Counts a request. */
  answered(request: AnsweredRequest): void {
    this.#http.answered(request);
  }

  /** Names what is looked at from now on, when somebody asks. */
  observe(observed: Observed): void {
    this.#observed = observed;
    this.#database.observe(observed.reader, observed.path);
  }

  /** All metrics as they are now, in Prometheus' exposition format, version 0.0.4. */
  async scrape(): Promise<string> {
    if (this.#observed) this.#layer.refresh(this.#observed.layer);
    await Promise.all([this.#database.refresh(), this.#process.refresh()]);
    const histograms = [...this.#events.histograms, ...this.#database.histograms, ...this.#http.histograms];
    return [await this.#registry.metrics(), ...histograms.map((histogram) => histogram.render())].join('\n');
  }

  /** Ends the measuring of the event loop. */
  stop(): void {
    this.#process.stop();
  }
}
