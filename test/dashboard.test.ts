/** The dashboard against a real Prometheus that scraped a real server under load. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepBusy } from './support/busy-clients.ts';
import { dashboardGraphs } from './support/dashboard.ts';
import { startFridayProcess } from './support/friday-process.ts';
import { needs } from './support/needs.ts';
import { queryRange, startPrometheus, until } from './support/prometheus.ts';

const WITHIN_MS = 60_000;
const program = needs('prometheus');
const folder = mkdtempSync(join(tmpdir(), 'friday-dashboard-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(program === undefined)(
  'every query of every panel has something to show of a server that is busy',
  { timeout: 2 * WITHIN_MS },
  async () => {
    const settings = { FRIDAY_DATA_DIR: join(folder, 'friday'), FRIDAY_METRICS_PORT: '0', FRIDAY_WINDOW_BYTES: '65536' };
    const friday = await startFridayProcess(settings);
    const metrics = String(friday.log.find(({ msg }) => msg === 'metrics are served')?.['url']);
    const prometheus = await startPrometheus({
      program: String(program),
      target: new URL(metrics).host,
      folder: join(folder, 'prometheus'),
    });
    const enough = new AbortController();
    const busy = keepBusy(friday.url, enough.signal);
    busy.catch(() => undefined);
    try {
      const start = Date.now() / 1000;
      const queries = dashboardGraphs('5s').flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr })));
      let empty = queries;
      const look = async () => {
        const range = { start, end: Date.now() / 1000, step: 1 };
        const found = await Promise.all(
          empty.map(async (query) => ({ query, series: await queryRange(prometheus.url, query.expr, range) })),
        );
        empty = found.flatMap(({ query, series }) =>
          series.some(({ points }) => points.some(([, value]) => Number.isFinite(value))) ? [] : [query],
        );
        return empty.length === 0;
      };
      await Promise.race([until('result of some query', look, WITHIN_MS), busy]).catch((error: unknown) => {
        throw new Error(`Empty: ${JSON.stringify(empty)}`, { cause: error });
      });
      expect(empty).toEqual([]);
    } finally {
      enough.abort();
      await Promise.allSettled([busy]);
      await prometheus.stop();
      await friday.stop();
    }
  },
);
