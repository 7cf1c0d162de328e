/** Steps that write: units of work, wake-ups, retention. */
import { LIMITS } from '@friday/protocol';
import { REVOCATION_CHANNEL } from '../../../src/domain/channel.ts';
import type { Addressed, LogEntry, WakeUp } from '../../../src/domain/ports.ts';
import type { Expected } from '../model/ledger.ts';
import { CHANNELS } from '../world/cast.ts';
import type { Keeping, SimulatedNode, Unit } from '../world/node.ts';
import type { World } from '../world/world.ts';
import type { Draft, Route, UnitDraft } from './scenario.ts';

/** The largest content beside a window, so that one frame always fits. */
const BESIDE_WINDOW = 500;
const LARGEST = 12_000;
const MEDIUM = 400;

/** Makes units of work and commits them, and holds what came of it against what should have. */
export class Commits {
  readonly #world: World;
  /** What is on its way to the process: wake-ups from this life of it or an earlier one, and rows that it has committed. */
  readonly #late: Array<() => void> = [];
  #units = 0;
  #messages = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** @returns whether the process is to be killed before it hears of its commit. */
  async commit(drafts: readonly UnitDraft[], route: Route): Promise<boolean> {
    const units = drafts.map(({ notifications, fails }) => {
      this.#units++;
      return { id: this.#units, notifications: notifications.map((draft) => this.#notification(draft)), fails };
    });
    return this.#commit(units, route);
  }

  /** One unit of work that changes many things of one kind, and one more in another channel. */
  async mass(count: number, place: number, route: Route): Promise<boolean> {
    this.#units++;
    const many = this.#notification({ channel: place, size: 'small' });
    const other = this.#notification({ channel: (place + 1) % CHANNELS.length, size: 'small' });
    return this.#commit(
      [{ id: this.#units, notifications: [...Array.from({ length: count }, () => ({ ...many })), other], fails: false }],
      route,
    );
  }

  /** P20: a user's tokens become void, in one transaction with whatever is the cause. */
  async revoke(userId: string, route: Route): Promise<boolean> {
    const { node, revoked, ledger } = this.#world;
    this.#units++;
    const generation = revoked.generation(userId) + 1;
    const notifications: Addressed[] = [];
    node.service.revoke({ notifications }, userId, generation);
    const seq = ledger.head(REVOCATION_CHANNEL) + 1;
    const onDone = () => revoked.add({ userId, generation, seq });
    return this.#commit([{ id: this.#units, notifications, fails: false }], route, onDone);
  }

  /** Wake-ups come late, twice, or in another order. */
  wake(pick: number, times: number): void {
    const tell = this.#late[pick % Math.max(1, this.#late.length)];
    if (tell) for (let time = 0; time < times; time++) tell();
  }

  /** A wake-up from a history that was lost speaks of more than there is. */
  wrongWake(place: number, beyond: number): void {
    const channel = CHANNELS[place] ?? REVOCATION_CHANNEL;
    this.#wake([{ channel, seq: this.#world.ledger.head(channel) + beyond }]);
  }

  /** Retention removes what it may, and a whole pass all of it. */
  async prune(keeping: Keeping, whole: boolean): Promise<void> {
    const { ledger, database, verdict, clock, node } = this.#world;
    const from = clock.now();
    await node.prune(keeping, whole);
    for (const channel of ledger.channels) {
      const before = ledger.floor(channel);
      const floor = database.oldest(channel) ?? ledger.head(channel) + 1;
      const least = whole ? this.#dueFloor(channel, keeping, from) : before;
      const most = this.#dueFloor(channel, keeping, clock.now());
      const isRight = least <= floor && floor <= most;
      verdict.expect(
        isRight,
        'P12',
        () => `retention left ${channel} from ${floor} on, not ${least} to ${most}; it was ${before}`,
      );
      ledger.setFloor(channel, floor);
    }
  }

  /** The oldest number that a whole pass of retention at that time leaves. */
  #dueFloor(channel: string, { maxAgeMs, maxCount }: Keeping, wall: number): number {
    const { ledger } = this.#world;
    let floor = ledger.floor(channel);
    while ((ledger.row(channel, floor)?.time ?? wall) < wall - maxAgeMs) floor++;
    return Math.max(floor, ledger.head(channel) - maxCount + 1);
  }

  #notification({ channel: place, size }: Draft): Addressed {
    const { subject, settings } = this.#world;
    this.#messages++;
    const bytes = { small: 0, medium: MEDIUM, large: Math.min(settings.windowBytes - BESIDE_WINDOW, LARGEST) }[size];
    const id = this.#messages;
    const filler = bytes > 0 ? { data: '\u00e9'.repeat(bytes / 2) } : {};
    const channel = CHANNELS[place] ?? 'broadcast';
    const resource = { kind: 'note', id, version: 1, href: `/v1/notes/${id}` };
    return { channel, message: new subject.WebSocketMessage({ type: 'note.created', resource, ...filler }) };
  }

  /** @param onDone told of each unit that is committed, before the process tells of it. */
  async #commit(units: readonly Unit[], route: Route, onDone?: () => void): Promise<boolean> {
    const { ledger, clock, node, verdict, database } = this.#world;
    const before = new Map([...CHANNELS, REVOCATION_CHANNEL].map((channel) => [channel, ledger.head(channel)]));
    const from = clock.now();
    if (route === 'full') database.setRoom(false);
    const outcome = await node.commit(units, (entries) => {
      const done = this.#done(units, route);
      ledger.commit(entries, done.flatMap(announced), { from, to: clock.now() });
      for (const { id } of done) {
        ledger.addChange(id);
        onDone?.();
      }
      if (route === 'local' || route === 'full') this.#told(entries, () => node.service.committed(entries));
    });
    if (route === 'full') database.setRoom(true);
    const told = outcome.committed.join();
    const there = this.#done(units, route).map(({ id }) => id);
    verdict.expect(told === there.join(), 'P10', () => `units ${told} were told of a commit, not ${there.join()}`);
    const touched = new Set(units.flatMap(({ notifications }) => notifications.map(({ channel }) => channel)));
    for (const channel of touched) this.#compareFile(channel, before.get(channel) ?? 0);
    const wakeUps = outcome.entries.map(({ channel, seq }) => ({ channel, seq }));
    if (route === 'wake') this.#wake(wakeUps);
    if (route === 'wake' || route === 'late') this.#late.push(() => this.#wake(wakeUps));
    if (route === 'tardy') this.#late.push(() => this.#tellTardily(node, outcome.entries));
    return route === 'killed';
  }

  /** Units that must be committed. On a full disk any may fail: what has its data in the file must have its notifications too (I1). */
  #done(units: readonly Unit[], route: Route): readonly Unit[] {
    if (route !== 'full') return units.filter(({ fails }) => !fails);
    const there = this.#world.database.changes();
    return units.filter(({ id }) => there.has(id));
  }

  #wake(wakeUps: readonly WakeUp[]): void {
    this.#told(wakeUps, () => this.#world.node.wake(wakeUps));
  }

  /** Another life of the process knows nothing of what this one has committed. */
  #tellTardily(node: SimulatedNode, entries: readonly LogEntry[]): void {
    if (node === this.#world.node) this.#told(entries, () => node.service.committed(entries));
  }

  #told(wakeUps: readonly WakeUp[], tell: () => void): void {
    this.#world.hint(wakeUps);
    tell();
  }

  /** What is in the file is what the commit said. */
  #compareFile(channel: string, after: number): void {
    const { database, ledger, verdict } = this.#world;
    const rows = database.after(channel, after);
    const seen = JSON.stringify(rows);
    const known: Array<Pick<LogEntry, 'seq' | 'tag' | 'time' | 'json'>> = [];
    for (let seq = after + 1; seq <= ledger.head(channel); seq++) {
      const row = ledger.row(channel, seq);
      if (row) known.push({ seq, tag: row.tag, time: row.time, json: row.json });
    }
    verdict.expect(seen === JSON.stringify(known), 'P10', () => `${channel} holds ${seen} after ${after}`);
  }
}

/** What a unit of work must announce: more than a thousand changes of one kind in one channel as one (P15b). */
function announced({ notifications }: Unit): Expected[] {
  const kindOf = ({ channel, message }: Addressed) => `${channel} ${message.kind}`;
  const kinds = Map.groupBy(notifications, kindOf);
  return notifications.flatMap((notification) => {
    const { channel, message } = notification;
    const same = kinds.get(kindOf(notification)) ?? [];
    if (message.kind === undefined || same.length <= LIMITS.changesOfOneKind) return [{ channel, json: message.json }];
    if (same[0] !== notification) return [];
    return [{ channel, json: JSON.stringify({ type: `${message.kind}.many`, data: { count: same.length } }) }];
  });
}
