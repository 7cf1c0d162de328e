/** A server that is killed over and over while users write and listen, and whether its promise holds. */
import { setTimeout as pause } from 'node:timers/promises';
import { friday } from '../../support/command.ts';
import { eventually } from '../../support/eventually.ts';
import { registerUser } from '../../support/rest.ts';
import { type Server, ServerHost, type Settings } from '../../support/server-host.ts';
import { Follower, HABITS, type Habit } from './follower.ts';
import { Ledger, Violations } from './ledger.ts';
import { Place } from './place.ts';
import { Random } from './random.ts';
import { judge } from './verdict.ts';
import { Writer } from './writer.ts';

export interface KillRunOptions {
  readonly kills: number;
  /** To be delivered in all, spread over the time between the kills. */
  readonly notifications: number;
  readonly seed: number;
  readonly users: number;
  readonly writersPerUser: number;
  /** Connections of each user, of each habit. */
  readonly followers: Readonly<Record<Habit, number>>;
  readonly onProgress?: (report: KillReport) => void;
}

/** What a run came to. */
export interface KillReport {
  readonly seed: number;
  readonly kills: number;
  readonly acknowledged: number;
  /** Writes that got no answer because the server went. */
  readonly unanswered: number;
  readonly delivered: number;
  readonly sessions: number;
  readonly violations: number;
  readonly firstViolations: readonly string[];
  readonly seconds: number;
}

const SETTINGS: Settings = { FRIDAY_TOKEN_MINUTES: '1440' };
/** Of the kills, this share comes right after the start, among the clients that come back, and this one before it listens. */
const EARLY_KILLS = 0.15;
const EARLY_WITHIN_MS = 300;
const KILLS_AT_START = 0.1;
const START_TAKES_MS = 1_000;
/** A kill does not always come at the same place of a commit. */
const LATER_BY_MS = 20;
const LOOK_EVERY_MS = 5;
/** Users write all the time, so there is always something to deliver. */
const STUCK_MS = 30_000;

interface User {
  readonly token: string;
  readonly ledger: Ledger;
  readonly writers: readonly Writer[];
  readonly followers: readonly Follower[];
}

/** One run. */
export class KillRun {
  readonly #options: KillRunOptions;
  readonly #host = new ServerHost('none');
  readonly #place = new Place();
  readonly #random: Random;
  readonly #violations = new Violations();
  readonly #began = performance.now();
  #users: readonly User[] = [];
  #kills = 0;

  constructor(options: KillRunOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  /** Runs it to its end. @returns the report; rejects when the server does not start, ends by itself, or delivers no more. */
  async run(): Promise<KillReport> {
    const first = await this.#start();
    this.#users = await this.#register(first);
    const writing = this.#users.flatMap(({ writers }) => writers.map((writer) => writer.run()));
    const following = this.#users.flatMap(({ followers }) => followers.map((follower) => follower.run()));
    try {
      const last = await this.#killOverAndOver(first);
      for (const { writers } of this.#users) for (const writer of writers) writer.stop();
      await Promise.all(writing);
      await this.#judge(last);
    } finally {
      for (const { followers } of this.#users) for (const follower of followers) follower.stop();
      this.#place.end();
      await Promise.all(following);
      await this.#host.end();
    }
    return this.report();
  }

  report(): KillReport {
    const operations = this.#users.flatMap(({ ledger }) => [...ledger.operations.values()]);
    const followers = this.#users.flatMap((user) => user.followers);
    return {
      seed: this.#options.seed,
      kills: this.#kills,
      acknowledged: operations.filter(({ outcome }) => outcome === 'acknowledged').length,
      unanswered: operations.filter(({ outcome }) => outcome === 'unknown').length,
      delivered: followers.reduce((sum, { delivered }) => sum + delivered, 0),
      sessions: followers.reduce((sum, { sessions }) => sum + sessions, 0),
      violations: this.#violations.count,
      firstViolations: this.#violations.first,
      seconds: Math.round((performance.now() - this.#began) / 100) / 10,
    };
  }

  async #start(): Promise<Server> {
    const server = await this.#host.start(SETTINGS);
    this.#place.open(server.url);
    return server;
  }

  #register(server: Server): Promise<User[]> {
    const { users, writersPerUser, followers } = this.#options;
    const names = Array.from({ length: users }, (_, index) => `u${index + 1}`);
    return Promise.all(
      names.map(async (name) => {
        const { token } = await registerUser(server.request);
        const position = await positionOf(server, token);
        const ledger = new Ledger(name, this.#violations);
        const shared = { token, ledger, position, place: this.#place };
        const habits = HABITS.flatMap((habit) => Array.from({ length: followers[habit] }, () => habit));
        return {
          token,
          ledger,
          writers: Array.from(
            { length: writersPerUser },
            (_, index) => new Writer({ ...shared, name: `${name}w${index + 1}`, random: this.#random.fork() }),
          ),
          followers: habits.map(
            (habit, index) =>
              new Follower({ ...shared, habit, name: `${habit} ${name}f${index + 1}`, random: this.#random.fork() }),
          ),
        };
      }),
    );
  }

  /** @returns the server that is left running. */
  async #killOverAndOver(first: Server): Promise<Server> {
    const { kills, notifications, onProgress } = this.#options;
    let server = first;
    while (this.#kills < kills) {
      const early = this.#kills > 0 && this.#random.chance(EARLY_KILLS);
      const due = (notifications * (this.#kills + this.#random.next())) / kills;
      if (!early) await this.#delivered(due, server);
      await pause(this.#random.between(0, early ? EARLY_WITHIN_MS : LATER_BY_MS));
      this.#place.shut();
      await server.kill();
      this.#kills += 1;
      this.#lookAtLog(server);
      if (this.#kills < kills && this.#random.chance(KILLS_AT_START)) await this.#killAtStart();
      server = await this.#start();
      onProgress?.(this.report());
    }
    await this.#delivered(notifications, server);
    return server;
  }

  /** Kills a server while it recovers what the one before it has left. */
  async #killAtStart(): Promise<void> {
    const killAt = AbortSignal.timeout(this.#random.between(0, START_TAKES_MS));
    const doomed = await this.#host.start(SETTINGS, { killAt }).catch(() => undefined);
    await doomed?.kill();
    this.#kills += 1;
  }

  /** Resolves when so many notifications have been delivered in all. @throws Error when the server has ended, or delivers no more. */
  async #delivered(count: number, { pid }: Server): Promise<void> {
    const followers = this.#users.flatMap((user) => user.followers);
    const sum = () => followers.reduce((total, { delivered }) => total + delivered, 0);
    let last = { sum: sum(), at: performance.now() };
    while (last.sum < count) {
      process.kill(pid, 0);
      await pause(LOOK_EVERY_MS);
      const now = sum();
      if (now > last.sum) last = { sum: now, at: performance.now() };
      else if (performance.now() - last.at > STUCK_MS)
        throw new Error(`Nothing is delivered any more. ${this.#violations.first.join('\n')}`);
    }
  }

  async #judge(server: Server): Promise<void> {
    for (const { token, ledger, followers } of this.#users) {
      const head = Number(/user[.](\d+)/.exec(await positionOf(server, token))?.[1]);
      const arrived = eventually(`all at ${head}`, () => followers.every(({ seq }) => seq === head));
      await arrived.catch(() => ledger.violation(`connections stay at ${followers.map(({ seq }) => seq).join()} of ${head}`));
      if (ledger.frames.length !== head + 1) ledger.violation(`${ledger.frames.length - 1} notifications were seen of ${head}`);
      await judge(ledger, server.request, token);
    }
    this.#lookAtLog(server);
    const { exitCode, out, err } = await friday(['check', '--json'], { FRIDAY_DATA_DIR: this.#host.folder });
    if (exitCode !== 0) this.#violations.add(`check ended with ${exitCode}: ${out}${err}`);
  }

  /** A server that is killed has no reason to complain. */
  #lookAtLog({ log }: Server): void {
    const complaints = log.filter(({ level }) => level === 'error' || level === 'fatal');
    for (const line of complaints) this.#violations.add(`the server logged ${JSON.stringify(line)}`);
  }
}

/** The user's position at this moment, from REST (P11). */
async function positionOf(server: Server, token: string): Promise<string> {
  const { headers } = await server.request('GET', '/v1/notes?size=1', { token });
  return headers.get('friday-cursor') ?? '';
}
