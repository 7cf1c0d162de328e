import { REVOCATION_CHANNEL } from '../domain/channel.ts';
import { WebSocketMessage } from '../domain/message.ts';
import type { Addressed, ChangeLog, Clock, LogEntry, Logger } from '../domain/ports.ts';
import type { ChannelHub } from './channel-hub.ts';
import type { Channel } from './connections/connection.ts';

const READ_ROWS = 128;
/** How long a revocation is remembered for those whose token was verified before it and whose connection opens after it. */
const MEMORY_MS = 5 * 60_000;

export interface RevocationsDeps {
  readonly log: ChangeLog;
  readonly hub: ChannelHub;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Closes the connections of a user whose token is older than `generation`. */
  readonly onRevoked: (userId: string, generation: number) => void;
  /** Closes all connections: revocations have been missed for good. Who comes back is verified anew. */
  readonly onGap: () => void;
}

interface Revocation {
  readonly user_id: string;
  readonly generation: number;
}

/** A revocation as what every node reads in the log. */
export function revocationNotice(userId: string, generation: number): Addressed {
  const data: Revocation = { user_id: userId, generation };
  return { channel: REVOCATION_CHANNEL, message: new WebSocketMessage({ type: 'user.revoked', data }) };
}

/**
 * Follows the channel of revocations, as a connection follows its own: a cursor in the log. So they are as durable as the change that
 * caused them, reach every node, and are found by the reconcile pass where a wake-up was lost (P20, I4).
 */
export class Revocations {
  readonly #deps: RevocationsDeps;
  readonly #channel: Channel;
  readonly #recent = new Map<string, { readonly generation: number; readonly at: number }>();
  #started: Promise<void> | undefined;
  #seq = 0;
  #reading = false;

  constructor(deps: RevocationsDeps) {
    this.#deps = deps;
    this.#channel = deps.hub.acquire(REVOCATION_CHANNEL);
  }

  /** Resolves once it follows: a token that is verified from then on is seen to be revoked. Rejects when the log cannot be read. */
  ready(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Whether this is the channel that it follows. */
  follows(channel: Channel): boolean {
    return channel === this.#channel;
  }

  /** Whether tokens of that generation have been revoked lately: for a token that was verified a moment ago. */
  covers(userId: string, generation: number): boolean {
    return generation < (this.#recent.get(userId)?.generation ?? 0);
  }

  /** Reads what is new. A read that fails is tried again at the next sweep. */
  async advance(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      await this.ready();
      while (this.#seq < this.#channel.head) await this.#readOn();
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'revocations could not be read, will be tried again');
    }
    this.#reading = false;
  }

  /** Tries again what failed, and forgets what is old; to be called now and then. */
  sweep(): void {
    if (this.#seq < this.#channel.head) void this.advance();
    const old = this.#deps.clock.monotonic() - MEMORY_MS;
    for (const [userId, { at }] of this.#recent) if (at < old) this.#recent.delete(userId);
  }

  async #start(): Promise<void> {
    try {
      const [head] = await this.#deps.log.heads([REVOCATION_CHANNEL]);
      this.#seq = head?.seq ?? 0;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }

  async #readOn(): Promise<void> {
    const { log, hub } = this.#deps;
    const read = () => log.read(REVOCATION_CHANNEL, this.#seq, this.#seq + READ_ROWS);
    const entries = await read();
    if (entries.length > 0) return this.#take(entries);
    // Nothing is there any more, or nothing yet, after a wrong wake-up: a head that is older than a second look tells.
    const [head] = await log.heads([REVOCATION_CHANNEL]);
    if (!head || head.seq <= this.#seq) return hub.correct(this.#channel);
    const again = await read();
    if (again.length > 0) return this.#take(again);
    this.#seq = head.seq;
    this.#deps.onGap();
  }

  #take(entries: readonly LogEntry[]): void {
    if (entries[0]?.seq !== this.#seq + 1) this.#deps.onGap();
    for (const { seq, json } of entries) {
      const revocation = readRevocation(json);
      // Read once more it would be no better: whoever it was about is among all.
      if (revocation instanceof Error) {
        this.#deps.logger.error({ err: revocation, seq }, 'a revocation is unreadable: all connections are closed');
        this.#deps.onGap();
      } else this.#revoke(revocation);
      this.#seq = seq;
    }
  }

  #revoke({ user_id, generation }: Revocation): void {
    this.#recent.set(user_id, { generation, at: this.#deps.clock.monotonic() });
    this.#deps.onRevoked(user_id, generation);
  }
}

/** What a row of the log says; or what is wrong with it, as when its file was damaged or a later version wrote it. */
function readRevocation(json: string): Revocation | Error {
  try {
    const { data }: { readonly data?: Partial<Revocation> } = JSON.parse(json);
    const { user_id, generation } = data ?? {};
    if (typeof user_id === 'string' && typeof generation === 'number') return { user_id, generation };
    return new Error('It has no user and generation.');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
