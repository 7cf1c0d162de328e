/**
 * Draws the panels of the Grafana dashboard as one SVG, from what a Prometheus has. Without `--prometheus` it starts a server, keeps it
 * busy, has it scraped, and draws that. `--minutes` is how far back it looks, or how long it keeps the server busy.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linePlot, type Series } from '../bench/support/plot.ts';
import { keepBusy } from '../test/support/busy-clients.ts';
import { dashboardGraphs, type Graph } from '../test/support/dashboard.ts';
import { startFridayProcess } from '../test/support/friday-process.ts';
import { needs } from '../test/support/needs.ts';
import { queryRange, startPrometheus, type TimeRange, type TimeSeries } from '../test/support/prometheus.ts';

const COLUMNS = 4;
const WIDTH = 480;
const HEIGHT = 240;
/** More lines than these cannot be told apart: the largest are drawn. */
const MAX_LINES = 5;
/** Characters that fit below a plot. */
const LEGEND_CHARACTERS = 84;
const POINTS = 240;

const UNITS: Readonly<Record<string, string>> = {
  s: 's',
  ops: '1/s',
  reqps: '1/s',
  Bps: 'bytes/s',
  bytes: 'bytes',
  percentunit: 'share',
};

interface Source {
  readonly url: string;
  readonly range: TimeRange;
  /** What Grafana would put for its interval of rates. */
  readonly rateInterval: string;
}

async function draw({ url, range, rateInterval }: Source): Promise<string> {
  const graphs = dashboardGraphs(rateInterval);
  const plots = await Promise.all(graphs.map((graph) => plotOf(graph, url, range)));
  const height = Math.ceil(plots.length / COLUMNS) * HEIGHT;
  const placed = plots.map((plot, index) => {
    const place = `x="${(index % COLUMNS) * WIDTH}" y="${Math.floor(index / COLUMNS) * HEIGHT}"`;
    return plot.replace('<svg ', `<svg ${place} width="${WIDTH}" height="${HEIGHT}" `);
  });
  const size = `width="${COLUMNS * WIDTH}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${placed.join('')}</svg>\n`;
}

async function plotOf({ title, unit, queries }: Graph, url: string, range: TimeRange): Promise<string> {
  const found = await Promise.all(
    queries.map(async ({ expr, legend }) =>
      (await queryRange(url, expr, range)).map((series) => ({ name: fillIn(legend, series), series })),
    ),
  );
  const lines = found.flat().toSorted((a, b) => size(b.series) - size(a.series));
  const drawn = lines.slice(0, MAX_LINES);
  const room = Math.floor(LEGEND_CHARACTERS / Math.max(1, drawn.length));
  const series = drawn.map(({ name, series: { points } }): Series => {
    return { name: shortened(name, room), points: points.map(([time, value]) => [time - range.start, value]) };
  });
  const more = lines.length > drawn.length ? ` (the ${drawn.length} largest of ${lines.length})` : '';
  const axis = UNITS[unit] ?? '';
  return linePlot({ title: title + more, x: { label: 'time', unit: 's' }, y: { label: '', unit: axis }, series });
}

function fillIn(legend: string, { labels }: TimeSeries): string {
  return legend.replace(/\{\{(\w+)\}\}/g, (_mark, label: string) => labels[label] ?? '');
}

function size({ points }: TimeSeries): number {
  const values = points.map(([, value]) => value).filter(Number.isFinite);
  return values.reduce((sum, value) => sum + value, 0);
}

function shortened(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

/** Calls `use` with a Prometheus that has scraped a busy server for some time. */
async function observeBusyServer<T>(seconds: number, use: (source: Source) => Promise<T>): Promise<T> {
  const program = needs('prometheus');
  if (program === undefined) throw new Error('There is no prometheus here: name one with --prometheus.');
  const folder = mkdtempSync(join(tmpdir(), 'friday-draw-'));
  const settings = { FRIDAY_DATA_DIR: join(folder, 'friday'), FRIDAY_METRICS_PORT: '0', FRIDAY_WINDOW_BYTES: '65536' };
  const friday = await startFridayProcess(settings);
  const metrics = String(friday.log.find(({ msg }) => msg === 'metrics are served')?.['url']);
  const prometheus = await startPrometheus({ program, target: new URL(metrics).host, folder: join(folder, 'prometheus') });
  try {
    const start = Date.now() / 1000;
    await keepBusy(friday.url, AbortSignal.timeout(seconds * 1000));
    const range = { start, end: Date.now() / 1000, step: Math.max(1, seconds / POINTS) };
    return await use({ url: prometheus.url, range, rateInterval: '10s' });
  } finally {
    await prometheus.stop();
    await friday.stop();
    rmSync(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    prometheus: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    out: { type: 'string', default: 'friday.svg' },
  },
});
const seconds = Number(values.minutes) * 60;
const end = Date.now() / 1000;
const range = { start: end - seconds, end, step: Math.max(1, seconds / POINTS) };
const picture =
  values.prometheus === undefined
    ? await observeBusyServer(seconds, draw)
    : await draw({ url: values.prometheus, range, rateInterval: '1m' });
writeFileSync(values.out, picture);
console.log(`${values.out} is drawn`);
