import type { ProtocolErrorCode } from '@friday/protocol';
import type { Clock, Logger } from '../domain/ports.ts';

/** Refusals of one code in one second that have a line each. */
const LINES = 5;
/** Addresses that are counted beyond these, and those that are named. */
const COUNTED_ADDRESSES = 1_000;
const NAMED_ADDRESSES = 5;
const SECOND_MS = 1_000;

interface Tally {
  count: number;
  /** Of refusals without a line of their own. */
  readonly byAddress: Map<string, number>;
}

export interface RefusalLogDeps {
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'every'>;
}

/**
 * Tells the log who was refused, for those who watch it for addresses that try too much; not what they sent, which may be a secret. A
 * flood must not fill the disk: beyond the first few of a second and code, one line sums them up and names who came most often.
 */
export class RefusalLog {
  readonly #deps: RefusalLogDeps;
  readonly #tallies = new Map<ProtocolErrorCode, Tally>();
  #stopTimer: (() => void) | undefined;

  constructor(deps: RefusalLogDeps) {
    this.#deps = deps;
  }

  refused(address: string, code: ProtocolErrorCode): void {
    this.#stopTimer ??= this.#deps.clock.every(SECOND_MS, () => this.#sumUp());
    const tally = this.#tallies.get(code) ?? { count: 0, byAddress: new Map() };
    this.#tallies.set(code, tally);
    tally.count += 1;
    if (tally.count <= LINES) this.#deps.logger.info({ address, code }, 'connection refused');
    else if (tally.byAddress.has(address) || tally.byAddress.size < COUNTED_ADDRESSES)
      tally.byAddress.set(address, (tally.byAddress.get(address) ?? 0) + 1);
  }

  #sumUp(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    for (const [code, { count, byAddress }] of this.#tallies) {
      if (count <= LINES) continue;
      const most = [...byAddress].toSorted(([, a], [, b]) => b - a).slice(0, NAMED_ADDRESSES);
      const fields = { code, more: count - LINES, most: Object.fromEntries(most) };
      this.#deps.logger.info(fields, 'more connections refused');
    }
    this.#tallies.clear();
  }
}
