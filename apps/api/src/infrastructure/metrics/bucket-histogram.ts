/** Sets of labels beyond which all others are one. */
const MAX_SERIES = 1_000;

export interface HistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending; one for all that is more is added. */
  readonly buckets: readonly number[];
  readonly labels?: readonly Label[];
}

/** One set of labels: a count for each bucket (not summed up), one for what is above all, and the sum of the values. */
interface Series {
  readonly labels: string;
  readonly counts: Float64Array;
  sum: number;
}

/**
 * A Prometheus histogram of plain numbers. Unlike the library's it takes a value many times at once, and costs some 20 ns: delivery
 * counts thousands of connections with one call.
 */
export class BucketHistogram<Label extends string = never> {
  readonly name: string;
  readonly #options: HistogramOptions<Label>;
  readonly #series = new Map<string, Series>();

  constructor(options: HistogramOptions<Label>) {
    this.name = options.name;
    this.#options = options;
    if (!options.labels) this.#start('');
  }

  /** Counts a value. @param key as {@link seriesKey} makes it, where there are labels. */
  observe(value: number, weight = 1, key = ''): void {
    const { buckets } = this.#options;
    const series = this.#series.get(key) ?? this.#start(this.#series.size < MAX_SERIES ? key : this.#otherKey());
    let index = 0;
    while (value > (buckets[index] ?? Number.POSITIVE_INFINITY)) index++;
    series.counts[index] = (series.counts[index] ?? 0) + weight;
    series.sum += value * weight;
  }

  /** Its text in Prometheus' exposition format, version 0.0.4. */
  render(): string {
    const { help, buckets } = this.#options;
    const lines = [`# HELP ${this.name} ${help}`, `# TYPE ${this.name} histogram`];
    for (const { labels, counts, sum } of this.#series.values()) {
      const others = labels === '' ? '' : `${labels},`;
      const own = labels === '' ? '' : `{${labels}}`;
      let total = 0;
      for (const [index, count] of counts.entries()) {
        total += count;
        lines.push(`${this.name}_bucket{${others}le="${buckets[index] ?? '+Inf'}"} ${total}`);
      }
      lines.push(`${this.name}_sum${own} ${sum}`, `${this.name}_count${own} ${total}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #otherKey(): string {
    return seriesKey(...(this.#options.labels ?? []).map(() => 'other'));
  }

  /** The series with that key, which is made where there is none. */
  #start(key: string): Series {
    const known = this.#series.get(key);
    if (known) return known;
    const { buckets, labels = [] } = this.#options;
    const values = key.split(' ');
    const text = labels.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`).join(',');
    const series = { labels: text, counts: new Float64Array(buckets.length + 1), sum: 0 };
    this.#series.set(key, series);
    return series;
  }
}

/** Names a series by the values of its labels, in the order of their names. Values have no spaces. */
export function seriesKey(...values: readonly (string | number)[]): string {
  return values.join(' ');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
