import type { DeliveryFault, RealtimeMetrics } from '../../domain/metrics.ts';
import type { Clock, Logger } from '../../domain/ports.ts';
import { Channel, type Connection, controlFrame, type Subscription } from '../connections/connection.ts';
import type { FrameCache } from './frame-cache.ts';
import type { FrameLoader, LoadOutcome } from './frame-loader.ts';
import { HeadTimes } from './head-times.ts';
import { Tally } from './tally.ts';

/** Bounds of one turn: short, so that requests are answered; as long as delivery lags, so that writers cannot outrun it. */
const MIN_TURN_MS = 3;
const MAX_TURN_MS = 40;

export interface PumpDeps {
  readonly cache: FrameCache;
  readonly loader: FrameLoader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<RealtimeMetrics, 'delivered' | 'deliveryFailed' | 'caughtUp'>;
  /** Told of a connection that cannot be served: retention has removed what comes next (P8b), or too many wait for the log. */
  readonly onRefused: (connection: Connection, why: 'gone' | 'late') => void;
  /** Told of a channel whose head is further than the log: a wake-up was wrong. */
  readonly onWrongHead: (channel: Channel) => void;
}

/** A pass over the subscriptions of a channel whose head has moved. */
interface Pass {
  readonly subscriptions: Iterator<Subscription>;
  /** The head when the pass began: when it has moved by the end, another pass follows. */
  readonly head: number;
}

/** Those who had kept up and were served in a turn: how many, and the first number that the last of them lacked. */
interface Slice {
  connections: number;
  lacked: number;
}

/**
 * The one delivery routine: moves cursors towards heads. New, resuming, slow and live connections are the same to it: a cursor
 * behind a head. It works through a queue in turns of a few milliseconds, and what is ready for a connection goes out in one
 * write (I6).
 */
export class Pump {
  /** What it has written. */
  readonly counts = new Tally();
  readonly #deps: PumpDeps;
  /** What is to be looked at, in order, with the monotonic milliseconds since when. */
  readonly #queue = new Map<Channel | Connection, number>();
  readonly #passes = new Map<Channel, Pass>();
  readonly #moves = new Map<Channel, HeadTimes>();
  #scheduled = false;
  /** Whether the last turn has left something for the next. */
  #backlog = false;

  constructor(deps: PumpDeps) {
    this.#deps = deps;
  }

  /** Looks at a connection, or at all that follow a channel, in one of the next turns. */
  wake(item: Channel | Connection): void {
    const now = this.#deps.clock.monotonic();
    if (item instanceof Channel) this.#noteMove(item, now);
    if (!this.#queue.has(item)) this.#queue.set(item, now);
    this.#schedule();
  }

  /**
   * Serves what has been woken before the next events instead of after them: with thousands at the door, those take their time. A
   * backlog keeps its pace.
   */
  hasten(): void {
    if (this.#backlog) return;
    this.#deps.clock.soon(() => {
      if (!this.#backlog) this.#turn();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#deps.clock.defer(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const { clock } = this.#deps;
    const start = clock.monotonic();
    let end = start + MIN_TURN_MS;
    for (const [item, since] of this.#queue) {
      end = Math.max(end, start + Math.min(MAX_TURN_MS, start - since));
      this.#queue.delete(item);
      if (!(item instanceof Channel)) this.deliver(item);
      else if (!this.#pass(item, end)) this.#queue.set(item, since);
      if (clock.monotonic() >= end) break;
    }
    this.#backlog = this.#queue.size > 0;
    if (this.#backlog) this.#schedule();
  }

  /** Delivers to those who follow a channel, until the time is up. @returns whether all are served up to the present head. */
  #pass(channel: Channel, end: number): boolean {
    const { clock } = this.#deps;
    let pass = this.#passes.get(channel);
    if (!pass) {
      pass = { subscriptions: channel.subscriptions.values(), head: channel.head };
      this.#passes.set(channel, pass);
    }
    const slice = { connections: 0, lacked: 0 };
    for (let next = pass.subscriptions.next(); !next.done; next = pass.subscriptions.next()) {
      if (next.value.seq < channel.head) this.#serve(next.value, slice);
      if (clock.monotonic() < end) continue;
      this.#tell(channel, slice);
      return false;
    }
    this.#tell(channel, slice);
    this.#passes.delete(channel);
    channel.served = pass.head;
    if (this.#moves.get(channel)?.forget(pass.head)) this.#moves.delete(channel);
    return pass.head === channel.head;
  }

  /** Delivers to one who follows the channel, and counts it where it had all until this pass: what others wait for is their own doing. */
  #serve(subscription: Subscription, slice: Slice): void {
    const { connection, channel, seq } = subscription;
    const keptUp = connection.live && seq >= channel.served;
    this.deliver(connection);
    if (!keptUp || subscription.seq === seq) return;
    slice.connections++;
    slice.lacked = seq + 1;
  }

  /** One look at the clock for all of a slice: they were written within a few milliseconds. */
  #tell(channel: Channel, { connections, lacked }: Slice): void {
    const since = connections > 0 ? this.#moves.get(channel)?.of(lacked) : undefined;
    if (since !== undefined) this.#deps.metrics.delivered(connections, this.#deps.clock.monotonic() - since);
  }

  #noteMove(channel: Channel, now: number): void {
    let moves = this.#moves.get(channel);
    if (!moves) {
      moves = new HeadTimes();
      this.#moves.set(channel, moves);
    }
    moves.note(channel.head, now);
  }

  /** Writes all that is due to one connection, now, in one write, as far as its peer reads. */
  deliver(connection: Connection): void {
    const { transport } = connection;
    if (connection.phase === 'ended') return;
    const now = this.#deps.clock.monotonic();
    if (transport.writable) {
      transport.cork();
      if (this.#write(connection, now)) connection.lastWrite = now;
      transport.uncork();
    }
    connection.blockedSince = transport.writable ? undefined : (connection.blockedSince ?? now);
  }

  /** @returns whether anything was written. */
  #write(connection: Connection, now: number): boolean {
    const { window } = connection;
    let wrote = false;
    const pingDue = connection.heartbeatDue || connection.pingDue;
    if (connection.controlDue) {
      for (const frame of connection.takeControlFrames(this.#deps.clock.now())) {
        this.#send(connection, frame);
        wrote = true;
      }
    }
    for (const subscription of connection.subscriptions) {
      if (subscription.seq < subscription.channel.head && this.#advance(subscription)) wrote = true;
    }
    if (connection.liveDue) {
      connection.live = true;
      this.#send(connection, controlFrame({ type: 'live', cursor: connection.position }));
      if (connection.catchingUpSince !== undefined) this.#deps.metrics.caughtUp(now - connection.catchingUpSince);
      connection.catchingUpSince = undefined;
      wrote = true;
    }
    if ((pingDue || window.full || window.wantsPing) && !window.awaitsPong) {
      // With the time of now: a process that was stopped since this delivery began would find the ping unanswered for as long.
      this.#send(connection, window.ping(this.#deps.clock.monotonic()));
      wrote = true;
    }
    return wrote;
  }

  /** Writes the next notifications of one channel (I3). @returns whether there were any. */
  #advance(subscription: Subscription): boolean {
    const { connection, channel } = subscription;
    const { transport, window } = connection;
    let wrote = false;
    while (subscription.seq < channel.head && transport.writable && !window.full) {
      const slice = this.#deps.cache.slice(channel.key, subscription.seq, window.room);
      if (!slice) {
        if (this.#deps.cache.has(channel.key, subscription.seq + 1)) window.full = true;
        else this.#load(subscription);
        return wrote;
      }
      this.#send(connection, slice.bytes);
      window.add(slice.bytes.length);
      this.counts.notifications += slice.seq - subscription.seq;
      subscription.seq = slice.seq;
      subscription.tag = slice.tag;
      wrote = true;
    }
    return wrote;
  }

  #send({ transport }: Connection, frames: Uint8Array): void {
    transport.write(frames);
    this.counts.bytes += frames.length;
  }

  #load(subscription: Subscription): void {
    const { connection, channel, seq } = subscription;
    if (connection.loading) return;
    connection.loading = true;
    this.#deps.loader.load(channel.key, seq + 1, (outcome, first) => {
      // What was asked for may have come by another way meanwhile: then its fate in the log is of no interest.
      this.#loaded(subscription, subscription.seq > seq ? 'ready' : outcome, first);
    });
  }

  /** A failed read is tried again at the next sweep, and logged once a connection. */
  #loaded({ connection, channel }: Subscription, outcome: LoadOutcome, first: boolean): void {
    connection.loading = false;
    if (outcome !== 'ready') this.#deps.metrics.deliveryFailed(faultOf(outcome));
    if (outcome === 'ready' && first) this.deliver(connection);
    else if (outcome === 'ready') this.wake(connection);
    else if (outcome === 'gone' || outcome === 'late') this.#deps.onRefused(connection, outcome);
    else if (outcome === 'ahead') {
      // Its moves were those of a head that there is not.
      this.#moves.delete(channel);
      this.#deps.onWrongHead(channel);
      // The connection's other channels waited behind this one.
      this.wake(connection);
    } else if (!connection.failureLogged) {
      connection.failureLogged = true;
      this.#deps.logger.error({ err: outcome, connection_id: connection.id }, 'delivery failed, will be tried again');
    }
  }
}

function faultOf(outcome: Exclude<LoadOutcome, 'ready'>): DeliveryFault {
  if (outcome instanceof Error) return 'log_unreadable';
  return FAULTS[outcome];
}

const FAULTS = { gone: 'expired', late: 'late', ahead: 'wrong_wake_up' } as const;
