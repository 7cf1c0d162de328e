import { Counter, type Registry } from 'prom-client';
import { seriesKey } from './bucket-histogram.ts';

/** Values of a label beyond which all others are one: what peers and other services choose must not grow without end. */
const MAX_SERIES = 200;

export interface LabelCounterOptions {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** The label values that are there from the start, with 0: so that a rate is known when the first comes. See {@link seriesKey}. */
  readonly start: readonly string[];
}

/** Counts by labels: a look into a Map for each event, and the library's part only when somebody asks. */
export class LabelCounter {
  readonly #counts: Map<string, number>;
  readonly #other: string;

  constructor({ registry, name, help, labels, start }: LabelCounterOptions) {
    const counts = new Map(start.map((key) => [key, 0]));
    this.#counts = counts;
    this.#other = seriesKey(...labels.map(() => 'other'));
    new Counter({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        for (const [key, count] of counts) this.inc(labelled(labels, key), count);
      },
    });
  }

  /** @param key the values of the labels, as {@link seriesKey} makes it. */
  add(key: string, count = 1): void {
    const known = this.#counts.has(key) || this.#counts.size < MAX_SERIES;
    const counted = known ? key : this.#other;
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + count);
  }
}

function labelled(names: readonly string[], key: string): Record<string, string> {
  const values = key.split(' ');
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
