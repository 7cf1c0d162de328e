import { setImmediate } from 'node:timers';
import { REVOCATION_CHANNEL } from '../../../src/domain/channel.ts';
import type { WakeUp } from '../../../src/domain/ports.ts';
import { type RealtimeSettings, realtimeSettings } from '../../../src/domain/settings.ts';
import type { Connection } from '../../../src/service/connections/connection.ts';
import { SWEEP_MS } from '../../../src/service/connections/sweep.ts';
import { Ledger } from '../model/ledger.ts';
import { checkAfterSweep, checkAtRest, dueClosings } from '../model/rest.ts';
import { Revoked } from '../model/revoked.ts';
import { Verdict } from '../model/verdict.ts';
import type { Received } from '../model/wire.ts';
import { Witness } from '../model/witness.ts';
import type { Scenario } from '../steps/scenario.ts';
import { USERS } from './cast.ts';
import { SimulatedClock, type Timer } from './clock.ts';
import { type DatabaseFolder, SimulatedDatabase, START } from './database.ts';
import { SimulatedNode } from './node.ts';
import { type Link, Peer, UNHURRIED } from './peer.ts';
import { SimulatedSocket } from './socket.ts';
import type { Subject } from './subject.ts';
import { Tokens } from './tokens.ts';
import { moveOn, read } from './traffic.ts';

/** Turns without a notification after which a world that still has something to do never will have done. */
const MAX_TURNS = 3_000;
/** A step of the clock between two passes from which on they compare all channels. */
const NOTICED_STEP_MS = 30_000;
/** Answers that may wait for a peer that does not read. */
const MAX_ANSWERS = 32;
/** Time that a peer has to answer a close. */
const CLOSE_TIMEOUT_MS = 10_000;

/** All that one run consists of: a database file, a server process, clients, their links, and the model of what is true. */
export class World {
  readonly scenario: Scenario;
  readonly subject: Subject;
  readonly settings: RealtimeSettings;
  readonly verdict = new Verdict();
  readonly clock: SimulatedClock;
  readonly ledger: Ledger;
  readonly database: SimulatedDatabase;
  readonly peers: readonly Peer[] = USERS.map((userId) => new Peer(userId));
  readonly links = new Set<Link>();
  readonly revoked = new Revoked();
  readonly tokens: Tokens;
  #node: SimulatedNode;
  /** What reaches the process in its next turn. */
  #arrivals: Array<() => void> = [];
  /** Connections of whose end the process has not heard. */
  readonly #unheard = new Set<Connection>();
  /** Writes that held notifications. */
  #delivered = 0;
  /** How far the clock was set since the last reconcile pass, step by step. */
  #clockSteps: number[] = [];
  #clockDeceived = false;
  #failuresAtPass = 0;
  #failuresMended = 0;
  /** Whether time has passed while something waited for the log, or for its turn to ask it: it may have been given up. */
  #kept = false;

  constructor(subject: Subject, folder: DatabaseFolder, scenario: Scenario) {
    const { heartbeatSeconds, slowReaderSeconds, reconcileSeconds, windowBytes, frameCacheBytes } = scenario;
    const template = scenario.aged ? folder.aged : folder.empty;
    this.subject = subject;
    this.scenario = scenario;
    this.settings = realtimeSettings({
      ...{ heartbeatSeconds, slowReaderSeconds, reconcileSeconds, windowBytes, frameCacheBytes },
      authTimeoutSeconds: 1,
      tokenExpiringSeconds: 2,
      drainSeconds: 1,
      framesPerConnectionPerMinute: 0,
    });
    this.clock = new SimulatedClock(START, scenario.readingMs);
    this.ledger = new Ledger(this.verdict, template.entries);
    this.database = new SimulatedDatabase(folder, template);
    this.tokens = new Tokens({ subject, clock: this.clock, revoked: this.revoked });
    this.#node = this.#start();
  }

  get node(): SimulatedNode {
    return this.#node;
  }

  /** Answers that are held back, of the log and of who verifies tokens. */
  get held(): number {
    return this.#node.reader.held + this.tokens.held;
  }

  /** Whether a read has failed that a reconcile pass, and a sweep after it, have not made good yet. */
  get hasFailedRead(): boolean {
    return this.#node.reader.failures !== this.#failuresMended;
  }

  /** Whether the clock was set so that the passes saw less of it than there was: only the comparison that comes in any case helps. */
  get clockDeceives(): boolean {
    const all = this.#clockSteps.reduce((sum, step) => sum + Math.abs(step), 0);
    const seen = Math.abs(this.#clockSteps.reduce((sum, step) => sum + step, 0));
    return this.#clockDeceived || (all > NOTICED_STEP_MS && seen < 2 * NOTICED_STEP_MS);
  }

  /** How many connections the process believes that it has. */
  get connections(): number {
    return [...this.links].filter(({ connection }) => connection).length + this.#unheard.size;
  }

  /** A new link that nothing has been written to. */
  link(peer: Peer): Link {
    const { verdict, ledger, clock, settings } = this;
    const witness = new Witness({ verdict, ledger, clock, settings });
    const socket = new SimulatedSocket({
      kernelBytes: this.scenario.kernelBytes,
      highWaterBytes: this.scenario.highWaterBytes,
      onWrite: (bytes) => (link.gone ? [] : this.#written(witness, bytes)),
      onOverrun: () => verdict.report('I5', 'a write to a socket that asked to wait'),
      onFlush: () => witness.flushed(socket.writable || socket.closed),
      onClose: (code, reason) => this.#closes(link, code, reason),
      onTerminate: () => this.ends(link, 1006),
    });
    const link: Link = { socket, witness, peer, connection: undefined, gone: false, endsAt: undefined };
    this.links.add(link);
    peer.link = link;
    return link;
  }

  /** Something reaches the process: it will see it in its next turn, unless it is killed before. */
  arrives(event: () => void): void {
    this.#arrivals.push(event);
  }

  /** The socket is gone; the process hears of it. */
  ends(link: Link, code: number): void {
    const { connection } = link;
    this.forget(link);
    if (!connection) return;
    this.#unheard.add(connection);
    this.arrives(() => {
      this.#unheard.delete(connection);
      this.#node.service.onClose(connection, code);
    });
  }

  /** The socket is gone, with nobody to hear of it. */
  forget(link: Link): void {
    link.gone = true;
    link.socket.break();
    if (link.peer) link.peer.link = undefined;
    link.peer = undefined;
    this.links.delete(link);
  }

  /** The process is told of numbers. */
  hint(wakeUps: readonly WakeUp[]): void {
    for (const { channel, seq } of wakeUps) {
      for (const { witness } of this.links) witness.progress?.hint(channel, seq);
      if (channel === REVOCATION_CHANNEL && this.revoked.hint(seq)) this.#markRevoked();
    }
  }

  /** The process has had time to compare with the log: it knows all that is committed (I4). */
  hintAll(): void {
    for (const { witness } of this.links) witness.progress?.hintAll();
    if (this.revoked.hintAll()) this.#markRevoked();
  }

  /** The process is killed, and another starts. @param reopen brings the database file to the state that the new one finds. */
  restart(reopen: () => void): void {
    for (const link of this.links) {
      // What is on its way still arrives.
      if (link.peer?.unhurried) read(this, link, link.peer, UNHURRIED);
      this.forget(link);
    }
    this.#arrivals = [];
    this.#unheard.clear();
    this.revoked.restart();
    this.tokens.reset();
    this.clock.reset();
    reopen();
    this.#node = this.#start();
  }

  /** One turn of the event loop. @returns whether anything happened. */
  async turn(): Promise<boolean> {
    this.#node.reader.beginTurn();
    const ran = this.clock.turn();
    await settled();
    const arrivals = this.#arrivals.splice(0);
    for (const event of arrivals) event();
    let moved = false;
    for (const link of this.links) moved = moveOn(this, link) || moved;
    if (moved || arrivals.length > 0) await settled();
    this.verdict.expect(!this.#node.reader.ranAway, 'I6', () => 'the process reads without end');
    this.verdict.check();
    return ran || moved || arrivals.length > 0 || this.#arrivals.length > 0 || this.clock.busy;
  }

  /** Runs turns until nothing is left to do. */
  async rest(): Promise<void> {
    let delivered = this.#delivered;
    for (let turns = 0; await this.turn(); turns++) {
      if (delivered !== this.#delivered) turns = 0;
      delivered = this.#delivered;
      if (turns > MAX_TURNS) this.verdict.report('I6', 'the process does not come to rest');
    }
    checkAtRest(this);
    this.verdict.check();
  }

  /** Lets time pass; the database answers meanwhile. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.elapsed + ms;
    await this.rest();
    for (;;) {
      await this.#answerAll();
      const timer = this.clock.passTo(end);
      if (timer?.ms === SWEEP_MS) this.#beginSweep();
      if (timer?.ms === 1000 * this.settings.reconcileSeconds) this.#beginPass();
      this.#endClosed();
      if (!timer) return this.rest();
      await (timer.ms === SWEEP_MS ? this.#sweep(timer) : this.#run(timer));
    }
  }

  /** The wall clock is set. */
  setClock(ms: number): void {
    this.clock.setBy(ms);
    this.#clockSteps.push(ms);
  }

  /** All channels have been compared since the clock was set. */
  forgetClockSteps(): void {
    this.#clockDeceived = false;
    this.#clockSteps = [];
  }

  /** The process stands still for a while. */
  stall(ms: number): void {
    this.#kept ||= this.held > 0 || this.clock.busy;
    this.clock.stall(ms);
  }

  async #run(timer: Timer): Promise<void> {
    timer.run();
    await this.rest();
    await this.#answerAll();
  }

  async #sweep(timer: Timer): Promise<void> {
    const then = { wall: this.clock.now(), monotonic: this.clock.elapsed };
    const due = dueClosings(this, then);
    await this.#run(timer);
    checkAfterSweep(this, then, due);
  }

  /** Sockets end that were closed long ago. */
  #endClosed(): void {
    for (const link of this.links) if (link.endsAt !== undefined && link.endsAt <= this.clock.elapsed) this.ends(link, 1006);
  }

  #beginPass(): void {
    this.#failuresAtPass = this.#node.reader.failures;
    this.#clockDeceived = this.clockDeceives;
    this.#clockSteps = [];
  }

  #beginSweep(): void {
    this.#failuresMended = this.#failuresAtPass;
    for (const { witness, connection } of this.links) if (connection) witness.sweeps++;
    for (const peer of this.peers) peer.refresh();
  }

  async #answerAll(): Promise<void> {
    while (this.held > 0) {
      this.tokens.answer();
      this.#node.reader.answer(this.#node.reader.held, false);
      await this.rest();
    }
    this.#kept = false;
  }

  #start(): SimulatedNode {
    const { subject, database, clock, settings } = this;
    this.#failuresAtPass = 0;
    this.#failuresMended = 0;
    this.#kept = false;
    this.forgetClockSteps();
    subject.cache.reset();
    return new SimulatedNode({ subject, database, clock, settings, authenticator: this.tokens });
  }

  #written(witness: Witness, bytes: Uint8Array): readonly Received[] {
    const frames = witness.written(bytes);
    if (frames.some(({ kind }) => kind === 'notification')) this.#delivered++;
    return frames;
  }

  /** P20: those who are connected now end, even where retention has removed the revocation itself. */
  #markRevoked(): void {
    for (const { witness } of this.links) {
      if (witness.open && witness.principal && this.revoked.isKnownToEnd(witness.principal, 1)) witness.revoked = true;
    }
  }

  #closes(link: Link, code: number, reason: string): void {
    if (link.gone) return;
    const { witness, socket } = link;
    if (!witness.open && this.#node.reader.failures > 0) witness.allowed.add('server_error');
    // Who follows the revocations and finds a gap may have missed one for anybody.
    if (this.ledger.floor(REVOCATION_CHANNEL) > 1) witness.allowed.add('server_error');
    const presented = [witness.principal, witness.stranger];
    if (presented.some((principal) => principal && this.revoked.ends(principal))) witness.allowed.add('revoked');
    if (this.#kept) witness.allowed.add('over_capacity');
    if (!socket.writable && witness.owed.length > MAX_ANSWERS) witness.allowed.add('too_slow');
    witness.closes(code, reason, socket.writable);
    link.endsAt = this.clock.elapsed + CLOSE_TIMEOUT_MS;
  }
}

/** Lets all promises that can go on do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
