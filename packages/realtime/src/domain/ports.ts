/** What the real-time layer needs of the world, and what it offers to services. */
import type { WebSocketMessage } from './message.ts';

/** A notification with the key of its channel. */
export interface Addressed {
  readonly channel: string;
  readonly message: WebSocketMessage;
}

/** One unit of work of the host: services hand it on and know no more of it. It holds what was announced within it. */
export interface Transaction {
  readonly notifications: Addressed[];
}

/** What services call. All of it only checks and buffers; numbers are given just before the commit (I2). */
export interface WebSocketManager {
  /** Announces to all of one user's connections, if and only if `tx` commits. */
  notify(tx: Transaction, userId: string, message: WebSocketMessage): void;
  /** Announces to everyone's connections, if and only if `tx` commits. */
  broadcast(tx: Transaction, message: WebSocketMessage): void;
  /**
   * Declares a user's tokens of older generations void, if and only if `tx` commits: connections that were opened with one are closed
   * with 4003 on every node (P20).
   * @param generation the first that is still good.
   */
  revoke(tx: Transaction, userId: string, generation: number): void;
}

/** The end of a channel: the last number given, its mark, and its time in milliseconds since 1970. */
export interface Head {
  readonly channel: string;
  readonly seq: number;
  readonly tag: string;
}

/** One row of the log. */
export interface LogEntry {
  readonly channel: string;
  readonly seq: number;
  readonly tag: string;
  /** Milliseconds since 1970; never falls within a channel (P14). */
  readonly time: number;
  /** The content as {@link WebSocketMessage.json}. */
  readonly json: string;
}

/** What the log says of a cursor: the channel's head, and the mark of the row at `seq`, absent where no such row is kept. */
export interface Located {
  readonly head: Head;
  readonly tag: string | undefined;
}

/** The numbered, durable history of all channels. Reads see committed rows only. */
export interface ChangeLog {
  /** The heads of these channels, in their order; `seq` 0 where nothing was ever announced. */
  heads(channels: readonly string[]): Promise<Head[]>;
  /** Head and row of one channel in one look, so that they belong together. */
  locate(channel: string, seq: number): Promise<Located>;
  /** Rows with `after < seq <= through`, ascending; the first is `after + 1` unless retention has passed it. */
  read(channel: string, after: number, through: number): Promise<LogEntry[]>;
  /** Heads of the channels that changed in the last `ms`, by the database's clock. */
  changedWithin(ms: number): Promise<Head[]>;
}

/** A hint that a channel's head has moved (I4). */
export interface WakeUp {
  readonly channel: string;
  readonly seq: number;
}

/** Carries wake-ups between nodes. May lose, double and reorder them: correctness rests on the log alone. */
export interface Broker {
  publish(wakeUps: readonly WakeUp[]): void;
  /** Calls back with wake-ups of other nodes; `onRestored` when some may have been lost. */
  subscribe(listener: BrokerListener): void;
  /** Whether the broker can be reached now. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

export interface BrokerListener {
  onWakeUp(wakeUps: readonly WakeUp[]): void;
  onRestored(): void;
}

/** Who a connection belongs to. */
export interface Principal {
  readonly userId: string;
  /** Channel keys, eight at most, their names distinct; usually `user:<id>` and `broadcast`. */
  readonly channels: readonly string[];
  /** Milliseconds since 1970 at which the token ends. */
  readonly expiresAt: number;
  /** The user's token generation when the token was verified; {@link WebSocketManager.revoke} ends what is older. Default: 0. */
  readonly generation?: number;
}

/** Verifies tokens. */
export interface Authenticator {
  /** @throws RealtimeError `unauthenticated`, `token_expired` or `revoked`. */
  authenticate(token: string): Principal | Promise<Principal>;
}

/** Time, and the turns of the event loop. */
export interface Clock {
  /** Milliseconds since 1970; may be set back and forth. */
  now(): number;
  /** Milliseconds that only rise. */
  monotonic(): number;
  /** Runs once, after the events that are ready now. */
  defer(run: () => void): void;
  /** Runs once, after what the present event has set off (its promises among it) and before the next event. */
  soon(run: () => void): void;
  /** Runs every `ms`. @returns a function that ends it. */
  every(ms: number, run: () => void): () => void;
}

/** What the log line needs; pino's loggers have this form. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
