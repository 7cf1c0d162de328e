/** Several processes of load as one. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectOrder, ConnectReport, TakeOrder } from './clients.ts';
import { LoadProcess } from './load-process.ts';
import type { Counts, Last, TallyOptions } from './tally.ts';

/** Connections of one address and port: the kernel has 28,000 numbers for them. */
const ADDRESSES_EACH = 4;
const QUIET_MS = 300;
const QUIET_WITHIN_MS = 60_000;

/** Loopback addresses that no other process of the fleet uses. */
export function addressesOf(index: number): string[] {
  return Array.from({ length: ADDRESSES_EACH }, (_, offset) => `127.0.${1 + index}.${1 + offset}`);
}

export class Fleet {
  readonly processes: readonly LoadProcess[];

  /** @param niceness of the processes: 19 keeps them from those who measure. Source: nice(1). */
  constructor(processes: number, niceness = 0) {
    this.processes = Array.from({ length: processes }, () => new LoadProcess(niceness));
  }

  /**
   * Opens connections that stay, the same number in each process, from addresses of their own.
   * @throws Error when not all could be opened.
   */
  async connect(order: Omit<ConnectOrder, 'addresses'>): Promise<Omit<ConnectReport, 'failed'>> {
    const each = Math.ceil(order.count / this.processes.length);
    const atOnce = Math.ceil(order.atOnce / this.processes.length);
    const reports = await this.#all((process, index) => {
      const count = Math.min(each, order.count - each * index);
      return process.call('connect', { ...order, count, atOnce, addresses: addressesOf(index) });
    });
    const failed = reports.reduce((sum, report) => sum + report.failed, 0);
    if (failed > 0) throw new Error(`${failed} of ${order.count} connections could not be opened.`);
    const tookMs = Math.max(...reports.map((report) => report.tookMs));
    return { tookMs, liveAfterMs: joined(reports.map(({ liveAfterMs }) => liveAfterMs)) };
  }

  /** Counts anew. */
  async start(options: TallyOptions): Promise<void> {
    await this.#all((process) => process.call('start', options));
  }

  /** What has come since the start, once it is as much as expected or the time is up. */
  async take({ atLeast, withinMs }: TakeOrder): Promise<Counts> {
    const share = Math.floor(atLeast / this.processes.length);
    return merged(await this.#all((process) => process.call('take', { atLeast: share, withinMs })));
  }

  /** Resolves when nothing has come for a while; what came until then is not counted. */
  async quiet(): Promise<void> {
    const deadline = performance.now() + QUIET_WITHIN_MS;
    do await pause(QUIET_MS);
    while ((await this.take({ atLeast: 0, withinMs: 0 })).messages > 0 && performance.now() < deadline);
  }

  /** How many messages each connection has had since it was opened. */
  async each(): Promise<Float64Array> {
    return joined(await this.#all((process) => process.call('each', undefined)));
  }

  async pause(): Promise<void> {
    await this.#all((process) => process.call('pause', undefined));
  }

  async resume(): Promise<void> {
    await this.#all((process) => process.call('resume', undefined));
  }

  async cut(): Promise<void> {
    await this.#all((process) => process.call('cut', undefined));
  }

  /** Ends the processes, and with them their connections. */
  async end(): Promise<void> {
    await this.#all((process) => process.end());
  }

  #all<T>(ask: (process: LoadProcess, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.processes.map(ask));
  }
}

function merged(all: readonly Counts[]): Counts {
  const lasts = new Map<number, Last>();
  for (const [stamp, { count, at }] of all.flatMap((counts) => [...counts.lasts])) {
    const last = lasts.get(stamp) ?? { count: 0, at };
    lasts.set(stamp, { count: last.count + count, at: Math.max(last.at, at) });
  }
  return {
    messages: all.reduce((sum, { messages }) => sum + messages, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    tookMs: Math.max(...all.map(({ tookMs }) => tookMs)),
    latencies: joined(all.map(({ latencies }) => latencies)),
    madeLatencies: joined(all.map(({ madeLatencies }) => madeLatencies)),
    lasts,
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
