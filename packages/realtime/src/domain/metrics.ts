/**
 * What the layer tells of its own work: a port, for hosts that keep figures. What happens to each message at each connection is never
 * told one by one, only summed up: see {@link RealtimeStats}.
 */
import type { ProtocolErrorCode } from '@friday/protocol';

/** How a connection began: without a position, with one that was served, or with one that could not be (P8). */
export type OpeningOutcome = 'fresh' | 'resumed' | 'expired' | 'unknown_history' | 'malformed';

/**
 * Why the pump could not go on with a connection: the log could not be read (it tries again), retention has removed what comes next, the
 * read did not get its turn in time, or the log does not reach as far as a wake-up said.
 */
export type DeliveryFault = 'log_unreadable' | 'expired' | 'late' | 'wrong_wake_up';

/** One transaction of the group commit, once it has ended. Times are in milliseconds. */
export interface CommitGroup {
  /** Units of work in it; what each of them waited for its transaction. */
  readonly waits: readonly number[];
  /** From BEGIN until all units had run and what they announced was inserted. */
  readonly workMs: number;
  /** The COMMIT itself, with its sync to disk. */
  readonly commitMs: number;
  /** Notifications that it made durable. */
  readonly notifications: number;
  /** False when the transaction was lost, with all its units. */
  readonly committed: boolean;
}

/** Told of events. Called in the midst of the work: an implementation counts, and neither waits nor throws. */
export interface RealtimeMetrics {
  /** An upgrade was answered. @param ms since it was asked for. */
  handshake(outcome: 'accepted' | ProtocolErrorCode, ms: number): void;
  /** A connection got its `connected`. @param missed notifications that it will be sent before `live`. */
  opened(outcome: OpeningOutcome, missed: number): void;
  /** A connection that had missed something got its `live`. @param ms since `connected`. */
  caughtUp(ms: number): void;
  /** A connection has ended. @param reason the fault for which this side closed it; undefined when the peer did. */
  closed(code: number, reason: ProtocolErrorCode | undefined): void;
  /** An `error` frame was sent to a connection that stays open. */
  answeredError(code: ProtocolErrorCode): void;
  /** A notification was committed by this process. */
  announced(type: string): void;
  /**
   * A slice of a pass has ended.
   * @param connections to which something was written.
   * @param ms from the commit of what the last of them lacked longest until it was written.
   */
  delivered(connections: number, ms: number): void;
  deliveryFailed(fault: DeliveryFault): void;
  /** The log was read for those who are behind. */
  readLog(rows: number, ms: number): void;
  /** A look for lost wake-ups has ended. @param found channels whose head had moved unnoticed; undefined when the look failed. */
  reconciled(found: number | undefined): void;
}

/** Keeps no figures. */
export const NO_METRICS: RealtimeMetrics = {
  handshake: ignore,
  opened: ignore,
  caughtUp: ignore,
  closed: ignore,
  answeredError: ignore,
  announced: ignore,
  delivered: ignore,
  deliveryFailed: ignore,
  readLog: ignore,
  reconciled: ignore,
};

function ignore(): void {
  // There is nobody to tell.
}

/** How the layer stands at one moment, and what it has counted since its start. Takes a look at each connection: for a scrape. */
export interface RealtimeStats {
  /** Connections that have not proved who they are, get what they missed, are up to date or nearly so, or are being closed. */
  readonly connections: Readonly<Record<ConnectionState, number>>;
  /** Connections that have not been sent all that is committed, and what they lack in all; the most that one lacks. */
  readonly behind: { readonly connections: number; readonly notifications: number; readonly most: number };
  /** Connections that must answer a ping before more is sent, those whose other ping waits, and those whose socket takes no more. */
  readonly windows: { readonly full: number; readonly pinged: number; readonly blocked: number };
  readonly sent: DeliveryCounts;
  /** Frames of clients. */
  readonly receivedFrames: number;
  readonly cache: CacheStats;
  /** Channels that somebody here follows. */
  readonly channels: number;
  readonly handshakesWaiting: number;
  readonly logReadsWaiting: number;
}

export type ConnectionState = 'unauthenticated' | 'catching_up' | 'live' | 'closing';

/** What the pump has written: notifications (one for each connection that got it), and bytes of all frames. */
export interface DeliveryCounts {
  readonly notifications: number;
  readonly bytes: number;
}

/** The cache of frames: what it holds, and how often a connection was served from it, or had to wait for the log. */
export interface CacheStats {
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
}
