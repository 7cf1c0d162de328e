/**
 * What metrics cost: the fan-out to sockets of one user as fast as it goes, at a server that keeps figures and is scraped each second,
 * and at one that keeps none. They take turns, so that whatever else the machine does hits both.
 */
import { setInterval as every } from 'node:timers/promises';
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { bearer, Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface MetricsSize {
  readonly sockets: number;
  readonly writers: number;
  readonly rounds: number;
  readonly measureMs: number;
}

const FULL: MetricsSize = { sockets: 2_000, writers: 20, rounds: 9, measureMs: 3_000 };
const HANDSHAKES_AT_ONCE = 64;
const SCRAPE_EVERY_MS = 1_000;
const METRICS_TOKEN = 'the-token-of-the-measurement';
/** Metrics may cost three in a hundred. */
const LEAST_SHARE = 0.97;

/** One server with its sockets and its writers. */
interface Side {
  readonly friday: Friday;
  readonly fleet: Fleet;
  readonly writing: LoadProcess;
  readonly token: string;
  readonly scraped: boolean;
}

/** What one turn gave. */
interface Turn {
  readonly perSecond: number;
  /** Processor time of the server, in microseconds for each thousand messages. */
  readonly cost: number;
}

export async function metrics(size = FULL): Promise<Measured> {
  const sides = [await start(size, false), await start(size, true)] as const;
  const [without, withThem]: [Turn[], Turn[]] = [[], []];
  try {
    for (let round = 0; round < size.rounds; round += 1) {
      // Who is first changes too.
      const order = round % 2 === 0 ? sides : sides.toReversed();
      for (const side of order) (side.scraped ? withThem : without).push(await takeTurn(side, size));
    }
  } finally {
    await Promise.all(sides.map(end));
  }
  const ratios = (of: (turn: Turn) => number) => without.map((turn, round) => of(withThem[round] ?? turn) / of(turn));
  const median = (values: readonly number[]) => percentile(values, 0.5);
  const at = `${size.sockets.toLocaleString('en')} sockets`;
  const cost = (turns: readonly Turn[]) => median(turns.map((turn) => turn.cost));
  return {
    rows: [
      { what: `fan-out to ${at} without metrics`, value: median(without.map(({ perSecond }) => perSecond)), unit: 'msg/s' },
      { what: `fan-out to ${at} with metrics`, value: median(withThem.map(({ perSecond }) => perSecond)), unit: 'msg/s' },
      {
        what: 'fan-out with metrics: of that without',
        value: median(ratios(({ perSecond }) => perSecond)),
        unit: '×',
        target: LEAST_SHARE,
        bound: 'at least',
      },
      { what: 'processor time without metrics', value: cost(without), unit: 'µs a thousand messages' },
      { what: 'processor time with metrics', value: cost(withThem), unit: 'µs a thousand messages' },
      { what: 'processor time with metrics: of that without', value: median(ratios((turn) => turn.cost)), unit: '×' },
    ],
    raw: { size, without, with: withThem },
  };
}

async function start(size: MetricsSize, scraped: boolean): Promise<Side> {
  const friday = await startFriday(scraped ? { FRIDAY_METRICS_TOKEN: METRICS_TOKEN } : {});
  const rest = new Rest(friday.port, 1);
  const token = await rest.newUser('fan-out');
  rest.close();
  const fleet = new Fleet(1);
  const { port } = friday;
  await fleet.connect({ dialect: 'friday', port, count: size.sockets, atOnce: HANDSHAKES_AT_ONCE, users: [{ token }] });
  return { friday, fleet, writing: new LoadProcess(), token, scraped };
}

async function end({ friday, fleet, writing }: Side): Promise<void> {
  await Promise.all([fleet.end(), writing.end()]);
  await friday.stop();
}

async function takeTurn({ friday, fleet, writing, token, scraped }: Side, size: MetricsSize): Promise<Turn> {
  const over = new AbortController();
  const scraping = scraped ? scrape(friday.port, over.signal) : undefined;
  const before = await friday.processorMs();
  await fleet.start({ sampleEvery: 0 });
  await writing.call('write', { port: friday.port, tokens: [token], writers: size.writers, forMs: size.measureMs });
  const { messages, tookMs } = await fleet.take({ atLeast: 0, withinMs: 0 });
  const spent = (await friday.processorMs()) - before;
  over.abort();
  await scraping;
  await fleet.quiet();
  return { perSecond: (messages * 1000) / tookMs, cost: (spent * 1e6) / messages };
}

/** Reads the metrics as Prometheus does, but far more often. */
async function scrape(port: number, signal: AbortSignal): Promise<void> {
  const headers = bearer(METRICS_TOKEN);
  try {
    for await (const _ of every(SCRAPE_EVERY_MS, undefined, { signal })) {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
      if (!answer.ok) throw new Error(`The metrics were answered with ${answer.status}.`);
      await answer.arrayBuffer();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
