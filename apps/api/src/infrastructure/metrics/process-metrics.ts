import { readdir, readFile, stat } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import { Readings } from './readings.ts';

/** How often the event loop's delay is looked at; milliseconds. A delay is what comes on top. */
const RESOLUTION_MS = 10;
const RANKS = { p50: 50, p99: 99, max: 100 } as const;
const OPEN_FILES = '/proc/self/fd';

/** What the process and its event loop do. Names without `friday_` are those that dashboards of any service know. */
export class ProcessMetrics {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #delay: Gauge<'rank'>;
  #openFiles = 0;
  #maxFiles = 0;

  /** @param version the program's. */
  constructor(registry: Registry, version: string) {
    const readings = new Readings(registry);
    this.#delay = new Gauge({
      name: 'friday_event_loop_delay_seconds',
      help: 'How much later than due the event loop got to a timer, since the previous scrape: the median, the 99th percentile, the longest.',
      labelNames: ['rank'],
      registers: [registry],
    });
    new Gauge({
      name: 'friday_build_info',
      help: 'Always 1; the labels say what runs.',
      labelNames: ['version', 'node'],
      registers: [registry],
    }).set({ version, node: process.versions.node }, 1);
    this.#addReadings(readings);
    this.#delays.enable();
  }

  /** Reads what takes a look elsewhere. */
  async refresh(): Promise<void> {
    for (const [rank, percentile] of Object.entries(RANKS)) this.#delay.set({ rank }, this.#delayAt(percentile));
    this.#delays.reset();
    this.#openFiles = await countOpenFiles();
    this.#maxFiles ||= await readMaxFiles();
  }

  /** Ends the measuring. */
  stop(): void {
    this.#delays.disable();
  }

  /** Seconds; 0 where nothing was measured. */
  #delayAt(percentile: number): number {
    if (this.#delays.count === 0) return 0;
    return Math.max(0, this.#delays.percentile(percentile) / 1e9 - RESOLUTION_MS / 1000);
  }

  #addReadings(readings: Readings): void {
    readings.counter(
      'friday_event_loop_active_seconds_total',
      'Time in which the event loop had something to do; its rate is the share of one core at which nothing more would go.',
      () => performance.eventLoopUtilization().active / 1000,
    );
    readings.counter('process_cpu_seconds_total', 'Time that all threads of the process took of the processors.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    readings.gauge('process_resident_memory_bytes', 'Memory of the process that is in use.', () => process.memoryUsage.rss());
    readings.gauge(
      'process_start_time_seconds',
      'When the process began, in seconds since 1970.',
      () => performance.timeOrigin / 1000,
    );
    readings.gauge('process_open_fds', 'Files and sockets that the process has open; 0 where it cannot be known.', () => {
      return this.#openFiles;
    });
    readings.gauge(
      'process_max_fds',
      'Files and sockets that it may have open; 0 where it cannot be known.',
      () => this.#maxFiles,
    );
    readings.gauge(
      'nodejs_heap_size_used_bytes',
      "Memory of JavaScript's objects that are in use.",
      () => process.memoryUsage().heapUsed,
    );
  }
}

/** Newer kernels say it as the folder's size (Linux 6.2); elsewhere its entries are counted. */
async function countOpenFiles(): Promise<number> {
  try {
    const { size } = await stat(OPEN_FILES);
    return size > 0 ? size : (await readdir(OPEN_FILES)).length;
  } catch {
    return 0;
  }
}

async function readMaxFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? 0);
}
