import { NO_METRICS, type RealtimeMetrics } from '../../src/domain/metrics.ts';

/** Keeps what the layer tells, as the name of each event and what came with it. */
export class RecordingMetrics {
  readonly events: Array<readonly [name: string, ...values: unknown[]]> = [];
  /** What the layer is given. */
  readonly port: RealtimeMetrics;

  constructor() {
    const names = Object.keys(NO_METRICS);
    const methods = names.map((name) => [name, (...values: unknown[]) => this.events.push([name, ...values])]);
    this.port = Object.fromEntries(methods) as RealtimeMetrics;
  }

  /** What came with each event of that name. */
  of(name: keyof RealtimeMetrics): ReadonlyArray<readonly unknown[]> {
    return this.events.flatMap(([told, ...values]) => (told === name ? [values] : []));
  }
}
