/** The dashboard's panels, with their variables filled in. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FILE = resolve(import.meta.dirname, '../../deploy/grafana/friday.json');

export interface Graph {
  readonly title: string;
  /** One of Grafana's names of units. */
  readonly unit: string;
  readonly queries: ReadonlyArray<{ readonly expr: string; readonly legend: string }>;
}

interface RawPanel {
  readonly type: string;
  readonly title: string;
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>;
}

/** @param rateInterval what Grafana would put for `$__rate_interval`, such as `1m`. @returns all graphs, for all servers. */
export function dashboardGraphs(rateInterval: string): Graph[] {
  const { panels }: { readonly panels: readonly RawPanel[] } = JSON.parse(readFileSync(FILE, 'utf8'));
  const fillIn = (expr: string) => expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$instance', '.*');
  return panels
    .filter(({ type }) => type === 'timeseries')
    .map(({ title, fieldConfig, targets }) => ({
      title,
      unit: fieldConfig.defaults.unit,
      queries: targets.map(({ expr, legendFormat }) => ({ expr: fillIn(expr), legend: legendFormat })),
    }));
}
