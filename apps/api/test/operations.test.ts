/** The metrics, their documentation, the dashboard and the alerts name the same things. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { anchors } from '../../../scripts/checks/markdown.ts';
import { needs } from '../../../test/support/needs.ts';
import { readConfig } from '../src/config.ts';
import { createMetrics } from '../src/metrics.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const runFile = promisify(execFile);
const promtool = needs('promtool');

async function scrape(): Promise<string> {
  const metrics = createMetrics(readConfig({ FRIDAY_METRICS_PORT: '0' }));
  const text = (await metrics?.scrape()) ?? '';
  metrics?.stop();
  return text;
}

/** Metrics by name, with their type; the suffixes of histograms are not names of their own. */
async function exposed(): Promise<Map<string, string>> {
  return new Map([...(await scrape()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
}

function read(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8');
}

/** Names of metrics that a PromQL expression mentions, without the suffixes of histograms. */
function mentioned(text: string): string[] {
  const names = text.match(/\b(?:friday|process|nodejs)_[a-z0-9_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, '')))];
}

test('every metric is explained in docs/operations.md, and every one that is explained there is', async () => {
  const explained = [...read('docs/operations.md').matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, name]) => name);
  expect(explained.toSorted()).toEqual([...(await exposed()).keys()].toSorted());
});

test('names keep to the conventions of Prometheus: base units, and `_total` for what only rises', async () => {
  for (const [name, type] of await exposed()) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(name).toMatch(/^(friday|process|nodejs)_/);
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|kib|mb|percent)(_|$)/);
  }
});

test('the dashboard and the alerts use metrics that there are', async () => {
  const names = await exposed();
  const dashboard: { panels: Array<{ targets?: Array<{ expr: string }> }> } = JSON.parse(read('deploy/grafana/friday.json'));
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/expr:(.*?)\n {8}\w/gs)].map(([, expr = '']) => expr);
  expect(queries.length).toBeGreaterThan(40);
  expect(alerts.length).toBeGreaterThan(10);
  expect([...queries, ...alerts].flatMap(mentioned).filter((name) => !names.has(name))).toEqual([]);
  // What no panel shows is hard to find when it is needed.
  const shown = new Set(queries.flatMap(mentioned));
  expect([...names.keys()].filter((name) => !shown.has(name))).toEqual(['friday_build_info', 'process_start_time_seconds']);
});

test('every alert has a runbook, and a test of when it fires and when it does not', () => {
  const headings = anchors(read('docs/operations.md'));
  const tests = read('deploy/prometheus/alerts.test.yml');
  const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+).*?runbook: (\S+)/gs)];
  expect(alerts.length).toBeGreaterThan(10);
  for (const [, name = '', runbook = ''] of alerts) {
    expect(runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
    expect(headings).toContain(name.toLowerCase());
    expect(tests).toContain(`- name: ${name} fires`);
    expect(tests).toContain(`- name: ${name} keeps quiet`);
  }
});

test.skipIf(promtool === undefined)('promtool passes the rules, their tests, and the example configuration', async () => {
  const cwd = resolve(ROOT, 'deploy/prometheus');
  const run = async (...args: string[]) => (await runFile(String(promtool), args, { cwd })).stdout;
  expect(await run('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
  expect(await run('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
  expect(await run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
});

test.skipIf(promtool === undefined)('promtool has nothing to say against the metrics', async () => {
  const checking = runFile(String(promtool), ['check', 'metrics']);
  checking.child.stdin?.end(await scrape());
  expect(await checking).toEqual({ stdout: '', stderr: '' });
});
