/** The Grafana dashboard, from its panels. Source of the form: Grafana's "JSON model" of dashboards, schema version 39. */
import { PANEL_ROWS, type Panel } from './dashboard-panels.ts';

const WIDTH = 24;
const COLUMNS = 4;
const HEIGHT = 8;
const SOURCE = { type: 'prometheus', uid: '$datasource' };

interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** The content of `deploy/grafana/friday.json`. */
export function dashboard(): object {
  return {
    uid: 'friday',
    title: 'Friday',
    description: 'Delivery, connections, database, REST and process of Friday servers. docs/operations.md explains each metric.',
    tags: ['friday'],
    schemaVersion: 39,
    editable: true,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [sourceVariable, instanceVariable] },
    panels: panels(),
  };
}

const sourceVariable = { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' };

const instanceVariable = {
  name: 'instance',
  label: 'Server',
  type: 'query',
  datasource: SOURCE,
  query: { query: 'label_values(friday_build_info, instance)', refId: 'instances' },
  refresh: 2,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
};

function panels(): object[] {
  const all: object[] = [];
  let y = 0;
  for (const { title, panels: inRow } of PANEL_ROWS) {
    all.push({ id: all.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] });
    y++;
    for (const [index, panel] of inRow.entries()) {
      const x = (index % COLUMNS) * (WIDTH / COLUMNS);
      all.push(graph(panel, { id: all.length + 1, x, y: y + Math.floor(index / COLUMNS) * HEIGHT }));
    }
    y += Math.ceil(inRow.length / COLUMNS) * HEIGHT;
  }
  return all;
}

function graph({ title, description, unit, queries }: Panel, { id, x, y }: Place): object {
  return {
    id,
    type: 'timeseries',
    title,
    description,
    datasource: SOURCE,
    gridPos: { x, y, w: WIDTH / COLUMNS, h: HEIGHT },
    fieldConfig: {
      defaults: { unit, min: 0, custom: { drawStyle: 'line', fillOpacity: 5, showPoints: 'never' } },
      overrides: [],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
      range: true,
    })),
  };
}
