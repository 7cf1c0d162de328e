/** One measured figure, beside its target where it has one. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  /** Which side of the target is good. Default: `at most`. */
  readonly bound?: 'at most' | 'at least';
  /** The same of Socket.IO's, measured in the same run. */
  readonly peer?: number;
}

/** SVG documents by the name of their file. */
export type Plots = Readonly<Record<string, string>>;

/** What a measurement gives. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly plots?: Plots;
  /** What the figures were made of. */
  readonly raw?: unknown;
}

/** Whether the target is met; undefined without one. */
function met({ value, target, bound = 'at most' }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  return bound === 'at most' ? value <= target : value >= target;
}

/** Plain text, one line a row. */
export function renderTable(rows: readonly Row[]): string {
  return rows
    .map((row) => `${row.what.padEnd(66)} ${format(row.value).padStart(10)} ${[row.unit, ...notes(row)].join('  ')}\n`)
    .join('');
}

/** The body of a table in Markdown: what, measured, Socket.IO's, target, met. */
export function renderMarkdown(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { what, value, unit, target, bound = 'at most', peer } = row;
    const cells = [what, `${format(value)} ${unit}`, peer === undefined ? '' : `${format(peer)} ${unit}`];
    cells.push(target === undefined ? '' : `${bound} ${format(target)} ${unit}`, verdict(row));
    return `| ${cells.map((cell) => cell.trim()).join(' | ')} |`;
  });
  return ['| what | measured | Socket.IO | target | met |', '| --- | --- | --- | --- | --- |', ...lines, ''].join('\n');
}

function notes(row: Row): string[] {
  const { unit, target, bound = 'at most', peer } = row;
  const beside = peer === undefined ? [] : [`(Socket.IO: ${format(peer)} ${unit})`];
  return target === undefined ? beside : [...beside, `(target: ${bound} ${format(target)} ${unit}: ${verdict(row)})`];
}

function verdict(row: Row): string {
  const good = met(row);
  if (good === undefined) return '';
  return good ? 'met' : 'NOT MET';
}

/** Three digits or so, as people read them. */
function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
