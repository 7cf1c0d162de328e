/** The server that is attacked, as a process, and somebody who uses it meanwhile and must not notice. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LiveSocket, openLive } from '../../support/live-socket.ts';
import { type Registered, registerUser } from '../../support/rest.ts';
import { type Server, ServerHost, type Settings } from '../../support/server-host.ts';
import { Peer, type UpgradeParts } from './peer.ts';

/** Pieces of a secret that are this long must not be found anywhere. */
const PIECE = 12;
/** Seen on an idle machine: a few milliseconds. The rest is for a machine that is busy with other tests. */
const SLOWEST_DELIVERY_MS = 2_000;
const SETTINGS = { FRIDAY_LOG_LEVEL: 'trace', FRIDAY_FRAME_CACHE_BYTES: '1048576', FRIDAY_DRAIN_SECONDS: '0' };
/** Between two notes of the bystander. */
const NOTE_EVERY_MS = 50;

/** What a bystander saw while something went on. */
export interface Meanwhile {
  /** Notes written and announced. */
  readonly delivered: number;
  /** The longest time from a request to its notification, milliseconds. */
  readonly slowestMs: number;
}

export class Target {
  readonly server: Server;
  /** Somebody with an account, who means no harm. */
  readonly user: Registered;
  readonly #host: ServerHost;
  readonly #socket: LiveSocket;
  readonly #peers: Peer[] = [];

  private constructor(host: ServerHost, server: Server, user: Registered, socket: LiveSocket) {
    this.#host = host;
    this.server = server;
    this.user = user;
    this.#socket = socket;
  }

  /** Starts a server, without limits on rates unless the settings say so, and connects the bystander. */
  static async start(settings: Settings = {}): Promise<Target> {
    const host = new ServerHost();
    try {
      const server = await host.start({ ...SETTINGS, ...settings });
      const user = await registerUser(server.request);
      return new Target(host, server, user, await openLive(server.url, { token: user.token, by: 'header' }));
    } catch (error) {
      await host.end();
      throw error;
    }
  }

  get url(): string {
    return this.server.url;
  }

  /** The database file, for those who come at it from outside. */
  get database(): string {
    return this.#host.database;
  }

  /** The secret that signs tokens. */
  get signingSecret(): string {
    return readFileSync(join(this.#host.folder, 'jwt-secret'), 'utf8');
  }

  /** An attacker's connection, which ends with the target at the latest. */
  async dial(): Promise<Peer> {
    return this.#keep(await Peer.dial(this.url));
  }

  /** As {@link dial}, with a WebSocket on it. */
  async open(parts?: UpgradeParts): Promise<Peer> {
    return this.#keep(await Peer.open(this.url, parts));
  }

  /** As {@link open}, by the user, when it is live. */
  async openLive(): Promise<Peer> {
    return this.#keep(await Peer.openLive(this.url, this.user.token));
  }

  /** Fails unless a note that is written now is announced to the bystander. @returns how long that took, milliseconds. */
  async expectServing(): Promise<number> {
    const { token } = this.user;
    const start = performance.now();
    const before = this.#socket.notifications.length;
    const answer = await this.server.request('POST', '/v1/notes', { token, body: { content: 'All is well' } });
    if (answer.status !== 201) throw new Error(`A note was answered with ${answer.status}: ${answer.text}`);
    await this.#socket.until('a notification', () => this.#socket.notifications.length > before);
    const took = performance.now() - start;
    if (took > SLOWEST_DELIVERY_MS) throw new Error(`A note took ${Math.round(took)} ms to arrive.`);
    return took;
  }

  /** Runs an attack while the bystander writes and hears notes, one after the other, and once more after it. */
  async during(attack: () => Promise<void>): Promise<Meanwhile> {
    let over = false;
    let delivered = 0;
    let slowestMs = 0;
    const finished = attack().finally(() => {
      over = true;
    });
    // Its rejection is awaited below, after the bystander's own.
    finished.catch(() => undefined);
    for (let last = false; !last; ) {
      last = over;
      slowestMs = Math.max(slowestMs, await this.expectServing());
      delivered += 1;
      // Someone who writes without a break would be an attack of its own.
      await Promise.race([finished.catch(() => undefined), pause(NOTE_EVERY_MS)]);
    }
    await finished;
    return { delivered, slowestMs };
  }

  /** Resident memory of the server's process, bytes. */
  get residentBytes(): number {
    const { pid } = this.server;
    if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024;
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  }

  /**
   * Ends the server.
   * @returns what went wrong meanwhile: lines of faults in its log, pieces of secrets in its output, a wrong exit code. Nothing, where
   * all is well.
   */
  async end(...otherSecrets: readonly string[]): Promise<string[]> {
    try {
      for (const peer of this.#peers) peer.socket.destroy();
      await this.#socket.close();
      const secrets = [this.user.token, this.user.userSecret, this.signingSecret, ...otherSecrets];
      const exitCode = await this.server.stop();
      const faults = this.server.log.filter(({ level }) => level === 'error' || level === 'fatal');
      const output = this.server.output();
      return [
        ...(exitCode === 0 ? [] : [`exit code ${exitCode}`]),
        ...faults.map((line) => JSON.stringify(line)),
        ...secrets.filter((secret) => holdsPiece(output, secret)).map((secret) => `the output holds a piece of ${secret}`),
      ];
    } finally {
      await this.#host.end();
    }
  }

  #keep(peer: Peer): Peer {
    this.#peers.push(peer);
    return peer;
  }
}

function holdsPiece(text: string, secret: string): boolean {
  for (let start = 0; start + PIECE <= secret.length; start += 1) {
    if (text.includes(secret.slice(start, start + PIECE))) return true;
  }
  return false;
}
