/** A real Prometheus on a free port, which scrapes one server each second. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const START_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** One line of a graph: labels, and points of seconds since 1970 and value (NaN where it has none). */
export interface TimeSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: ReadonlyArray<readonly [time: number, value: number]>;
}

/** Seconds since 1970, and seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export interface PrometheusOptions {
  /** Path of the program. */
  readonly program: string;
  /** Whose metrics are scraped, such as `127.0.0.1:9464`. */
  readonly target: string;
  /** An empty folder for its data. */
  readonly folder: string;
}

export interface PrometheusProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it. Rejects when it is not ready in time. */
export async function startPrometheus({ program, target, folder }: PrometheusOptions): Promise<PrometheusProcess> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'prometheus.json');
  // JSON is YAML.
  const job = { job_name: 'friday', static_configs: [{ targets: [target] }] };
  writeFileSync(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [job] }));
  const settings = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, '--web.listen-address=127.0.0.1:0'];
  const child = spawn(program, settings, { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  const address = await new Promise<string>((found, refused) => {
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const listening = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
      if (listening !== undefined) found(listening);
    });
    child.on('error', refused);
    void gone.then(() => refused(new Error(`Prometheus ended instead of listening:\n${said.join('\n')}`)));
  });
  const url = `http://${address}`;
  await until('ready Prometheus', async () => (await fetch(`${url}/-/ready`)).ok);
  return { url, stop };
}

/** What a query gives over a range. @throws Error with Prometheus' own words when it is not valid. */
export async function queryRange(url: string, query: string, { start, end, step }: TimeRange): Promise<TimeSeries[]> {
  const parameters = new URLSearchParams({ query, start: String(start), end: String(end), step: String(step) });
  const answer = await fetch(`${url}/api/v1/query_range?${parameters}`);
  const body = (await answer.json()) as { error?: string; data?: { result: RawSeries[] } };
  if (!body.data) throw new Error(`Prometheus does not take ${query}: ${body.error}`);
  return body.data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([time, value]) => [time, Number(value)] as const),
  }));
}

interface RawSeries {
  readonly metric: Record<string, string>;
  readonly values: ReadonlyArray<readonly [number, string]>;
}

/** Resolves once the condition holds. Rejects at the deadline. */
export async function until(what: string, condition: () => Promise<boolean>, withinMs = START_WITHIN_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`There was no ${what} within ${withinMs} ms.`);
    await pause(LOOK_EVERY_MS);
  }
}
