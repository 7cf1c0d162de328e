/** Plots as SVG text, with nothing but what figures here need: lines over a numeric axis, and grouped bars. No dependency, no script. */

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 76;
const RIGHT = 16;
const TOP = 44;
const BOTTOM = 84;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const TICKS = 5;
/** Told apart by most kinds of colour blindness. Source: Okabe and Ito, "Color Universal Design", 2008. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** What stands at an axis: a name and, where it has one, its unit. */
export interface Axis {
  readonly label: string;
  readonly unit?: string;
  /** Powers of ten instead of equal steps; for values above 0. */
  readonly logarithmic?: boolean;
}

/** One line: points in the order in which they are joined. */
export interface Series {
  readonly name: string;
  readonly points: ReadonlyArray<readonly [x: number, y: number]>;
}

export interface LinePlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Bars in groups: `values` has one number for each of `groups`. */
export interface BarPlot {
  readonly title: string;
  readonly y: Axis;
  readonly groups: readonly string[];
  readonly bars: ReadonlyArray<{ readonly name: string; readonly values: readonly number[] }>;
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** @returns a whole SVG document of 720 by 360 units. Points that are no finite numbers are left out. */
export function linePlot({ title, x, y, series }: LinePlot): string {
  const points = series.flatMap((one) => one.points.filter(isFinitePoint));
  const across = scale(
    points.map(([value]) => value),
    x,
    { from: LEFT, to: LEFT + PLOT_WIDTH },
  );
  const up = scale(
    points.map(([, value]) => value),
    y,
    { from: TOP + PLOT_HEIGHT, to: TOP },
  );
  const lines = series.map(({ points: path }, index) => {
    const places = path.filter(isFinitePoint).map(([px, py]) => `${round(across.at(px))},${round(up.at(py))}`);
    const dots = places.length > 60 ? '' : places.map((place) => dot(place, colour(index))).join('');
    return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="2"/>${dots}`;
  });
  const marks = across.ticks.map((value) => text(across.at(value), TOP + PLOT_HEIGHT + 16, number(value), 'middle'));
  return document({ title, y, up, legend: series.map(({ name }) => name), under: axisName(x), body: [...marks, ...lines] });
}

/** @returns a whole SVG document of 720 by 360 units, the value written on top of each bar. */
export function barPlot({ title, y, groups, bars }: BarPlot): string {
  const values = bars.flatMap((bar) => bar.values.filter(Number.isFinite));
  const up = scale(y.logarithmic ? values : [0, ...values], y, { from: TOP + PLOT_HEIGHT, to: TOP });
  const room = PLOT_WIDTH / Math.max(1, groups.length);
  const width = Math.min(72, (room * 0.8) / Math.max(1, bars.length));
  const drawn = bars.flatMap((bar, index) =>
    groups.map((_group, place) => {
      const value = bar.values[place] ?? Number.NaN;
      if (!Number.isFinite(value)) return '';
      const left = LEFT + room * (place + 0.5) + width * (index - bars.length / 2);
      const top = up.at(value);
      const box = `x="${round(left)}" y="${round(top)}" width="${round(width - 2)}" height="${round(TOP + PLOT_HEIGHT - top)}"`;
      return `<rect ${box} fill="${colour(index)}"/>${text(left + width / 2, top - 4, number(value), 'middle')}`;
    }),
  );
  const names = groups.map((group, place) => text(LEFT + room * (place + 0.5), TOP + PLOT_HEIGHT + 16, group, 'middle'));
  return document({ title, y, up, legend: bars.map(({ name }) => name), under: '', body: [...names, ...drawn] });
}

interface Parts {
  readonly title: string;
  readonly y: Axis;
  readonly up: Scale;
  readonly legend: readonly string[];
  /** What stands under the horizontal axis. */
  readonly under: string;
  readonly body: readonly string[];
}

function document({ title, y, up, legend, under, body }: Parts): string {
  const grid = up.ticks.map((value) => {
    const at = round(up.at(value));
    const line = `<line x1="${LEFT}" y1="${at}" x2="${LEFT + PLOT_WIDTH}" y2="${at}" stroke="#ddd"/>`;
    return `${line}${text(LEFT - 6, at + 4, number(value), 'end')}`;
  });
  const middle = TOP + PLOT_HEIGHT / 2;
  const space = PLOT_WIDTH / Math.max(1, legend.length);
  const names = legend.map((name, index) => {
    const left = LEFT + space * index;
    return `<rect x="${round(left)}" y="${HEIGHT - 22}" width="12" height="12" fill="${colour(index)}"/>${text(left + 18, HEIGHT - 12, name, 'start')}`;
  });
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<title>${escaped(title)}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<g font-size="14" font-weight="bold">${text(LEFT, 22, title, 'start')}</g>`,
    `<g transform="rotate(-90 16 ${middle})">${text(16, middle, axisName(y), 'middle')}</g>`,
    ...grid,
    ...body,
    text(LEFT + PLOT_WIDTH / 2, TOP + PLOT_HEIGHT + 36, under, 'middle'),
    ...names,
    '</svg>',
  ];
  return `${parts.filter(Boolean).join('\n')}\n`;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Places values between two ends; a linear axis has its 0, so that lengths can be compared. */
function scale(values: readonly number[], { logarithmic = false }: Axis, { from, to }: Range): Scale {
  const place = (share: number) => from + (to - from) * share;
  const high = Math.max(...values, Number.MIN_VALUE);
  const low = Math.min(...values, high);
  if (logarithmic && low > 0) {
    const first = Math.floor(Math.log10(low));
    const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
    const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
    return { at: (value) => place((Math.log10(value) - first) / (last - first)), ticks };
  }
  const base = Math.min(0, low);
  // Where all values are 0, any step will do.
  const step = niceStep((high - base > Number.MIN_VALUE ? high - base : 1) / TICKS);
  const start = Math.floor(base / step) * step;
  const count = Math.max(1, Math.ceil((high - start) / step - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, index) => start + index * step);
  return { at: (value) => place((value - start) / (count * step)), ticks };
}

/** 1, 2 or 5 times a power of ten: what people read easily. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

function isFinitePoint([x, y]: readonly [number, number]): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function axisName({ label, unit }: Axis): string {
  return unit ? `${label} (${unit})` : label;
}

/** Short: 1,234,567 is `1.23 M`. */
function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000';
}

function dot(place: string, fill: string): string {
  const [x, y] = place.split(',');
  return `<circle cx="${x}" cy="${y}" r="3" fill="${fill}"/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return content === '' ? '' : `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
