/** What one message costs at 1,250, 2,500 and 5,000 connections, and how long it takes to the last of them. */
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { linePlot } from '../support/plot.ts';
import { Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface CurveSize {
  readonly steps: readonly number[];
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const FULL: CurveSize = { steps: [1_250, 2_500, 5_000], perSecond: 10, warmUpMs: 2_000, measureMs: 6_000 };
const AT_ONCE = 64;
const WRITERS = 8;
const MAX_RATIO = 1.2;

interface Point {
  readonly connections: number;
  /** Processor time of the server's for one message to one socket, in microseconds. */
  readonly costUs: number;
  /** Milliseconds until the last socket has a message, median. */
  readonly lastMs: number;
}

export async function costCurve(size = FULL): Promise<Measured> {
  const points: Point[] = [];
  for (const connections of size.steps) points.push(await measure(connections, size));
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) throw new Error('The curve has no points.');
  const span = `${first.connections} to ${last.connections}`;
  const perSocket = ({ lastMs, connections }: Point) => (lastMs * 1000) / connections;
  return {
    rows: [
      ...points.map(({ connections, costUs }) => {
        return { what: `cost curve: a message to one of ${connections} sockets`, value: costUs, unit: 'µs' };
      }),
      ...points.map(({ connections, lastMs }) => {
        return { what: `cost curve: one message to the last of ${connections} sockets`, value: lastMs, unit: 'ms' };
      }),
      { what: `cost curve: cost, ${span}`, value: last.costUs / first.costUs, unit: '×', target: MAX_RATIO },
      { what: `cost curve: time a socket, ${span}`, value: perSocket(last) / perSocket(first), unit: '×', target: MAX_RATIO },
    ],
    plots: { 'cost-curve': plot(points) },
    raw: { size, points },
  };
}

async function measure(connections: number, { perSecond, warmUpMs, measureMs }: CurveSize): Promise<Point> {
  const friday = await startFriday();
  const rest = new Rest(friday.port, 1);
  const fleet = new Fleet(1);
  const writing = new LoadProcess();
  try {
    const token = await rest.newUser('curve');
    await fleet.connect({ dialect: 'friday', port: friday.port, count: connections, atOnce: AT_ONCE, users: [{ token }] });
    const order = { port: friday.port, tokens: [token], writers: WRITERS, perSecond };
    await writing.call('write', { ...order, forMs: warmUpMs });
    await fleet.quiet();
    await fleet.start({ sampleEvery: 1, lasts: true });
    const before = await friday.processorMs();
    const { written } = await writing.call('write', { ...order, forMs: measureMs });
    const { messages, lasts } = await fleet.take({ atLeast: written * connections, withinMs: 10_000 });
    const costUs = (((await friday.processorMs()) - before) * 1000) / messages;
    const lastMs = percentile(
      [...lasts].map(([stamp, { at }]) => at - stamp),
      0.5,
    );
    return { connections, costUs, lastMs };
  } finally {
    rest.close();
    await Promise.all([fleet.end(), writing.end()]);
    await friday.stop();
  }
}

function plot(points: readonly Point[]): string {
  return linePlot({
    title: 'What one message to one socket costs, by the number of sockets',
    x: { label: 'connections' },
    y: { label: 'time', unit: 'µs' },
    series: [
      { name: "the server's processor time", points: points.map(({ connections, costUs }) => [connections, costUs] as const) },
      {
        name: 'time to the last socket, a socket',
        points: points.map(({ connections, lastMs }) => [connections, (lastMs * 1000) / connections] as const),
      },
    ],
  });
}
