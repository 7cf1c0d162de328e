/** One message to 5,000 sockets of one user: as many as can be, at a pace that Socket.IO just keeps, and one at a time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DialectName } from '../load/dialects.ts';
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Counts } from '../load/tally.ts';
import { startFriday } from '../support/friday.ts';
import { percentiles } from '../support/percentile.ts';
import { barPlot } from '../support/plot.ts';
import { Rest } from '../support/rest.ts';
import { startSocketIo } from '../support/socket-io.ts';
import type { Measured, Plots } from '../support/table.ts';

export interface FanOutSize {
  readonly sockets: number;
  readonly writers: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const FULL: FanOutSize = { sockets: 5_000, writers: 50, warmUpMs: 3_000, measureMs: 8_000 };
const RECEIVERS = 1;
const HANDSHAKES_AT_ONCE = 64;
/** At full speed one message in so many is looked into, and all of those that are counted one by one. */
const SAMPLE_EVERY = 61;
const SHARE_OF_MOST = 0.8;
const ONE_AT_A_TIME_PER_SECOND = 10;
const MOST_TIMES = 10;
const MOST_P99_MS = 150;
const ONE_AT_A_TIME_SHARE = 0.75;

/** What produces messages: all that it can, or so many a second. @returns once the time is up. */
type Produce = (forMs: number, perSecond?: number) => Promise<unknown>;

interface Results {
  readonly perSecond: number;
  /** Milliseconds from the sending, p50 and p99. */
  readonly mostMs: readonly number[];
  readonly mostMadeMs: readonly number[];
  readonly paceMs: readonly number[];
  readonly paceMadeMs: readonly number[];
  /** Milliseconds until the last socket has one message, p50 and p99. */
  readonly lastMs: readonly number[];
  /** Processor time of the server's for one message to one socket, in microseconds. */
  readonly mostCostUs: number;
  readonly paceCostUs: number;
}

/** What arrived in a while, and what that cost the server. */
interface Span extends Counts {
  readonly costUs: number;
}

interface Arena {
  readonly size: FanOutSize;
  readonly fleet: Fleet;
  /** Of the server. */
  readonly processorMs: () => Promise<number>;
  readonly dialect: DialectName;
  readonly produce: Produce;
}

export async function fanOut(size = FULL): Promise<Measured> {
  const peer = await onSocketIo(size);
  const pace = (peer.perSecond * SHARE_OF_MOST) / size.sockets;
  const ours = await onFriday(size, pace);
  const at = `${size.sockets.toLocaleString('en')} sockets`;
  const [, mostP99 = Number.NaN] = ours.mostMadeMs;
  const [paceP50 = Number.NaN, paceP99 = Number.NaN] = ours.paceMadeMs;
  const [peerPaceP50 = Number.NaN, peerPaceP99 = Number.NaN] = peer.paceMs;
  const [lastP50 = Number.NaN, lastP99 = Number.NaN] = ours.lastMs;
  const [peerLastP50 = Number.NaN, peerLastP99 = Number.NaN] = peer.lastMs;
  const rows: Measured['rows'] = [
    { what: `fan-out, most, ${at}`, value: ours.perSecond, unit: 'msg/s', peer: peer.perSecond },
    {
      what: 'fan-out, most: times as many',
      value: ours.perSecond / peer.perSecond,
      unit: '×',
      target: MOST_TIMES,
      bound: 'at least',
    },
    { what: 'fan-out, most: making → arrival, p99', value: mostP99, unit: 'ms', target: MOST_P99_MS, ...of(peer.mostMs[1]) },
    { what: "fan-out, most: writer's send → arrival, p99", value: ours.mostMs[1] ?? Number.NaN, unit: 'ms' },
    { what: "fan-out, most: the server's processor time a message", value: ours.mostCostUs, unit: 'µs', peer: peer.mostCostUs },
    { what: `fan-out, ${pace.toFixed(0)} msg/s to ${at}: making → arrival, p50`, value: paceP50, unit: 'ms', peer: peerPaceP50 },
    { what: 'fan-out, the same: p99', value: paceP99, unit: 'ms', peer: peerPaceP99, target: peerPaceP99 },
    { what: "fan-out, the same: writer's send → arrival, p99", value: ours.paceMs[1] ?? Number.NaN, unit: 'ms' },
    {
      what: "fan-out, the same: the server's processor time a message",
      value: ours.paceCostUs,
      unit: 'µs',
      peer: peer.paceCostUs,
    },
    { what: 'fan-out, one at a time: to the last socket, p50', value: lastP50, unit: 'ms', peer: peerLastP50 },
    { what: 'fan-out, one at a time: to the last socket, p99', value: lastP99, unit: 'ms', peer: peerLastP99 },
    { what: 'fan-out, one at a time: of its p50', value: lastP50 / peerLastP50, unit: '×', target: ONE_AT_A_TIME_SHARE },
  ];
  return { rows, plots: plots(ours, peer), raw: { size, pace, friday: ours, socketIo: peer } };
}

async function onSocketIo(size: FanOutSize): Promise<Results> {
  const server = await startSocketIo();
  const fleet = new Fleet(RECEIVERS);
  try {
    await fleet.connect({ dialect: 'socketIo', port: server.port, count: size.sockets, atOnce: HANDSHAKES_AT_ONCE, users: [] });
    const produce: Produce = (forMs, perSecond) => server.emit({ forMs, ...(perSecond === undefined ? {} : { perSecond }) });
    const { processorMs } = server;
    const arena: Arena = { size, fleet, processorMs, dialect: 'socketIo', produce };
    const most = await measure(arena);
    const pace = (perSecondOf(most) * SHARE_OF_MOST) / size.sockets;
    return results(most, await measure(arena, pace), await oneAtATime(arena));
  } finally {
    await fleet.end();
    await server.stop();
  }
}

async function onFriday(size: FanOutSize, pace: number): Promise<Results> {
  const friday = await startFriday();
  const rest = new Rest(friday.port, 1);
  const fleet = new Fleet(RECEIVERS);
  const writing = new LoadProcess();
  try {
    const { port } = friday;
    const token = await rest.newUser('fan-out');
    await fleet.connect({ dialect: 'friday', port, count: size.sockets, atOnce: HANDSHAKES_AT_ONCE, users: [{ token }] });
    const produce: Produce = (forMs, perSecond) => {
      const paced = perSecond === undefined ? {} : { perSecond };
      return writing.call('write', { port, tokens: [token], writers: size.writers, forMs, ...paced });
    };
    const { processorMs } = friday;
    const arena: Arena = { size, fleet, processorMs, dialect: 'friday', produce };
    return results(await measure(arena), await measure(arena, pace), await oneAtATime(arena));
  } finally {
    rest.close();
    await Promise.all([fleet.end(), writing.end()]);
    await friday.stop();
  }
}

/** Produces for a while, and counts what arrives once it runs steadily. */
async function measure({ size, fleet, processorMs, dialect, produce }: Arena, perSecond?: number): Promise<Span> {
  const producing = produce(size.warmUpMs + size.measureMs + size.warmUpMs / 2, perSecond);
  await pause(size.warmUpMs);
  const before = await processorMs();
  await fleet.start({ sampleEvery: SAMPLE_EVERY, made: dialect === 'friday' });
  await pause(size.measureMs);
  const counts = await fleet.take({ atLeast: 0, withinMs: 0 });
  const costUs = (((await processorMs()) - before) * 1000) / counts.messages;
  await producing;
  await fleet.quiet();
  return { ...counts, costUs };
}

/** @returns milliseconds until the last socket has it, of each message. */
async function oneAtATime({ size, fleet, produce }: Arena): Promise<number[]> {
  await fleet.start({ sampleEvery: 1, lasts: true });
  await produce(size.measureMs, ONE_AT_A_TIME_PER_SECOND);
  await pause(size.warmUpMs / 3);
  const { lasts } = await fleet.take({ atLeast: 0, withinMs: 0 });
  const whole = [...lasts].filter(([, { count }]) => count === size.sockets);
  if (whole.length < lasts.size)
    throw new Error(`${lasts.size - whole.length} of ${lasts.size} messages did not reach every socket.`);
  return whole.map(([stamp, { at }]) => at - stamp);
}

function results(most: Span, paced: Span, lasts: readonly number[]): Results {
  const [mostMs, paceMs] = [most.latencies, paced.latencies].map((samples) => percentiles(samples, [0.5, 0.99]));
  const made = [most.madeLatencies, paced.madeLatencies];
  const [mostMadeMs, paceMadeMs] = made.map((samples) => (samples.length === 0 ? [] : percentiles(samples, [0.5, 0.99])));
  return {
    perSecond: perSecondOf(most),
    mostMs: mostMs ?? [],
    paceMs: paceMs ?? [],
    mostMadeMs: mostMadeMs ?? [],
    paceMadeMs: paceMadeMs ?? [],
    lastMs: percentiles(lasts, [0.5, 0.99]),
    mostCostUs: most.costUs,
    paceCostUs: paced.costUs,
  };
}

function perSecondOf({ messages, tookMs }: Counts): number {
  return (messages * 1000) / tookMs;
}

function of(peer: number | undefined): { peer?: number } {
  return peer === undefined ? {} : { peer };
}

function plots(ours: Results, peer: Results): Plots {
  const most = barPlot({
    title: 'Fan-out: messages arriving at 5,000 sockets',
    y: { label: 'messages', unit: '/s' },
    groups: ['as fast as it goes'],
    bars: [
      { name: 'Friday', values: [ours.perSecond] },
      { name: 'Socket.IO 4', values: [peer.perSecond] },
    ],
  });
  const latency = barPlot({
    title: 'Fan-out to 5,000 sockets: how long it takes',
    y: { label: 'time', unit: 'ms' },
    groups: ["p50 at 80 % of Socket.IO's most", 'p99 of the same', 'one message, to the last socket'],
    bars: [
      { name: 'Friday', values: [...ours.paceMadeMs, ours.lastMs[0] ?? Number.NaN] },
      { name: 'Socket.IO 4', values: [...peer.paceMs, peer.lastMs[0] ?? Number.NaN] },
    ],
  });
  return { 'fan-out-most': most, 'fan-out-latency': latency };
}
