import type { Addressed, Authenticator, Broker, BrokerListener, LogEntry, Logger, WakeUp } from '../../../src/domain/ports.ts';
import type { RealtimeSettings } from '../../../src/domain/settings.ts';
import type { GroupCommit } from '../../../src/infrastructure/sqlite/group-commit.ts';
import type { Channel } from '../../../src/service/connections/connection.ts';
import type { WebSocketService } from '../../../src/service/websocket-service.ts';
import type { SimulatedClock } from './clock.ts';
import type { SimulatedDatabase } from './database.ts';
import { HeldReader } from './held-reader.ts';
import type { Subject } from './subject.ts';

export interface NodeDeps {
  readonly subject: Subject;
  readonly database: SimulatedDatabase;
  readonly clock: SimulatedClock;
  readonly authenticator: Authenticator;
  readonly settings: RealtimeSettings;
}

/** A unit of work: a row of data, and what is announced with it. */
export interface Unit {
  readonly id: number;
  readonly notifications: readonly Addressed[];
  /** Whether it throws when it has done all that. */
  readonly fails: boolean;
}

/** What a group of units became. */
export interface Outcome {
  readonly entries: readonly LogEntry[];
  /** Numbers of the units that were told of their commit. */
  readonly committed: readonly number[];
}

/** How many rows and what age retention leaves. */
export interface Keeping {
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

const quiet: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** One life of a server process: the real change log, group commit, retention and service on the file. */
export class SimulatedNode {
  readonly reader: HeldReader;
  readonly service: WebSocketService;
  /** All that were followed in this life. */
  readonly channels = new Set<Channel>();
  readonly #deps: NodeDeps;
  readonly #groupCommit: GroupCommit;
  #others: BrokerListener | undefined;
  #onCommitted: (entries: LogEntry[]) => void = ignore;

  constructor(deps: NodeDeps) {
    const { subject, database, clock, authenticator, settings } = deps;
    this.#deps = deps;
    this.reader = new HeldReader(database.reader);
    const log = new subject.SqlChangeLog({ reader: this.reader, clock });
    const broker: Broker = {
      publish: ignore,
      subscribe: (listener) => {
        this.#others = listener;
      },
      ready: async () => true,
      close: async () => undefined,
    };
    this.service = new subject.WebSocketService({ log, broker, authenticator, clock, logger: quiet, settings });
    this.#groupCommit = new subject.GroupCommit({
      session: database.writer,
      append: (session, units) => log.append(session, units),
      onCommitted: (entries) => this.#onCommitted(entries),
    });
  }

  /** Runs units of work that are queued in one turn. @param onCommitted what the process does right after the COMMIT. */
  async commit(units: readonly Unit[], onCommitted: (entries: LogEntry[]) => void): Promise<Outcome> {
    let entries: LogEntry[] = [];
    this.#onCommitted = (rows) => {
      entries = rows;
      onCommitted(rows);
    };
    const answers = await Promise.allSettled(units.map((unit) => this.#run(unit)));
    this.#onCommitted = ignore;
    return { entries, committed: units.filter((_, index) => answers[index]?.status === 'fulfilled').map(({ id }) => id) };
  }

  /** Another node, or this one's past, sends wake-ups. */
  wake(wakeUps: readonly WakeUp[]): void {
    this.#others?.onWakeUp(wakeUps);
  }

  /** The broker is back after an absence. */
  brokerRestored(): void {
    this.#others?.onRestored();
  }

  /** One step of retention, or a whole pass. */
  async prune(keeping: Keeping, whole: boolean): Promise<void> {
    const retention = new this.#deps.subject.Retention({ clock: this.#deps.clock, ...keeping });
    const step = () => this.#groupCommit.run(() => retention.prune(this.#deps.database.writer));
    let more = await step();
    while (more && whole) more = await step();
  }

  #run({ id, notifications, fails }: Unit): Promise<void> {
    return this.#groupCommit.run((tx) => {
      this.#deps.database.writer.run('INSERT INTO change (id) VALUES (?)', [id]);
      tx.notifications.push(...notifications);
      if (fails) throw new Error('The unit of work fails.');
    });
  }
}

function ignore(): void {
  // There is nothing to do.
}
