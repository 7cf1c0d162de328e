import { type ConnectedMessage, type ControlMessage, parseServerMessage } from '@friday/protocol';
import type { Principal } from '../../../src/domain/ports.ts';
import type { RealtimeSettings } from '../../../src/domain/settings.ts';
import type { SimulatedClock } from '../world/clock.ts';
import { mayClose, ruleOf } from './closings.ts';
import { Flow } from './flow.ts';
import { type Ledger, type Row, tells } from './ledger.ts';
import { Progress } from './progress.ts';
import type { Verdict } from './verdict.ts';
import { type Frame, Opcode, type Received, readFrames } from './wire.ts';

export interface WitnessDeps {
  readonly verdict: Verdict;
  readonly ledger: Ledger;
  readonly clock: SimulatedClock;
  readonly settings: RealtimeSettings;
}

/** What a peer has asked for and waits for. */
type Owed = 'connected' | 'authenticated' | 'pong' | 'error';

/** Sees every write to one connection, in order, and holds it against the ledger and the rules. */
export class Witness {
  readonly flow = new Flow();
  readonly #deps: WitnessDeps;
  /** Monotonic milliseconds of the last write. */
  lastWrite: number;
  /** Sweeps since the beginning. */
  sweeps = 0;
  /** Since when nothing may be written. */
  blockedSince: number | undefined;
  principal: Principal | undefined;
  progress: Progress | undefined;
  /** Whether `connected` was written. */
  open = false;
  /** Whether the end of the token in use was announced. */
  expiryTold = false;
  closed: { readonly code: number; readonly reason: string; readonly at: number } | undefined;
  /** Whether the process was told, while the connection was open, that its token is void. */
  revoked = false;
  /** Another user whose token it has sent. */
  stranger: Principal | undefined;
  /** Answers that are due. */
  readonly owed: Array<{ readonly type: Owed; readonly ref: string | undefined; readonly expiresAt?: number }> = [];
  /** Payloads of WebSocket pings; an answer to the newest will do. */
  pingedWith: string | undefined;
  /** Reasons for which the service may close, and the one for which it must. */
  readonly allowed = new Set<string>();
  demanded: string | undefined;
  #lastControl: ControlMessage | undefined;
  #beatWithoutPing = false;

  constructor(deps: WitnessDeps) {
    this.#deps = deps;
    this.lastWrite = deps.clock.elapsed;
  }

  /** The service is about to look for the place where the connection starts. */
  begin(principal: Principal, position: string | undefined, ref?: string): void {
    this.principal = principal;
    this.progress = new Progress(this.#deps, { channels: principal.channels, position });
    this.owed.push({ type: 'connected', ref, expiresAt: principal.expiresAt });
  }

  /** @returns the frames of one write. */
  written(bytes: Uint8Array): Received[] {
    const { verdict, clock } = this.#deps;
    verdict.expect(this.closed === undefined, 'P21', () => `a write after the close with ${this.closed?.code}`);
    this.lastWrite = clock.elapsed;
    try {
      return readFrames(bytes).flatMap((frame) => this.#frame(frame) ?? []);
    } catch (error) {
      verdict.report('P1', String(error));
      return [];
    }
  }

  /** A group of writes has left. */
  flushed(writable: boolean): void {
    this.blockedSince = writable ? undefined : (this.blockedSince ?? this.#deps.clock.elapsed);
    // Who is told to go is asked for no sign of life.
    const pinged = this.flow.waitingSince !== undefined || this.closed !== undefined;
    this.#deps.verdict.expect(!this.#beatWithoutPing || pinged, 'P16', () => 'a heartbeat without a ping');
    this.#beatWithoutPing = false;
  }

  /** The service closes. @param writable whether the socket took more. */
  closes(code: number, reason: string, writable: boolean): void {
    const { verdict } = this.#deps;
    verdict.expect(this.closed === undefined, 'P21', () => `a second close, with ${code}`);
    this.closed = { code, reason, at: this.#deps.clock.elapsed };
    verdict.expect(mayClose(this, reason, this.#deps), ruleOf(code), () => `a close with ${code} ${reason} without a cause`);
    const last = this.#lastControl;
    const farewell = code >= 4100 ? last?.type === 'reconnect' : last?.type === 'error' && last.code === reason;
    verdict.expect(farewell || !writable, 'P21', () => `a close with ${code} after ${last?.type}`);
  }

  #frame(frame: Frame): Received | undefined {
    const { opcode, payload, bytes } = frame;
    if (opcode === Opcode.Text) return this.#text(frame);
    if (opcode === Opcode.Ping) {
      this.flow.pinged(payload.toString(), this.#deps.clock.elapsed);
      return { kind: 'ping', payload, bytes };
    }
    if (payload.toString() === this.pingedWith) this.pingedWith = undefined;
    return { kind: 'pong', payload, bytes };
  }

  #text({ payload, bytes }: Frame): Received | undefined {
    const known = this.progress?.next(bytes);
    if (known) return this.#notification(bytes, known);
    const text = payload.toString();
    const parsed = parseServerMessage(text);
    if (parsed.kind === 'notification') {
      const { message } = parsed;
      const row = this.progress?.find(message.channel, message.seq);
      this.#deps.verdict.expect(row !== undefined && tells({ ...message }, row), 'P10', () => `nothing committed says ${text}`);
      if (row) row.frame ??= Buffer.from(bytes);
      return row && this.#notification(bytes, row);
    }
    if (parsed.kind === 'control') return this.#control(parsed.message, bytes);
    this.#deps.verdict.report('P1', `no message of the protocol: ${text}`);
    return undefined;
  }

  #notification(bytes: Buffer, row: Row): Received {
    const { verdict, settings } = this.#deps;
    verdict.expect(this.open, 'P7', () => `${row.channel}.${row.seq} came before connected`);
    this.#checkBytes(bytes, row.frame);
    this.progress?.notification(row);
    this.flow.sent(bytes.length);
    verdict.expect(this.flow.inFlight <= settings.windowBytes, 'P22', () => `${this.flow.inFlight} bytes are in flight`);
    return { kind: 'notification', row, bytes };
  }

  #checkBytes(bytes: Buffer, first: Buffer | undefined): void {
    this.#deps.verdict.expect(first === undefined || first.equals(bytes), 'P6', () => `${bytes} was ${first} before`);
  }

  #control(message: ControlMessage, bytes: Buffer): Received {
    const { verdict } = this.#deps;
    this.#lastControl = message;
    if (message.type === 'connected') this.#connected(message);
    else if (message.type === 'authenticated') this.#answered(message.type, message.ref, message.expires_at);
    else if (message.type === 'live') this.progress?.becomesLive(message.cursor);
    else if (message.type === 'heartbeat') this.#heartbeat(message.cursor);
    else if (message.type === 'token_expiring') this.expiryTold = true;
    else if (message.type === 'pong' || (message.type === 'error' && message.code === 'invalid_message')) {
      this.#answered(message.type, message.ref);
    }
    const early = !this.open && message.type !== 'error' && message.type !== 'reconnect';
    verdict.expect(!early, 'P7', () => `${message.type} came before connected`);
    return { kind: 'control', message, bytes };
  }

  #connected(message: ConnectedMessage): void {
    const { verdict, settings } = this.#deps;
    verdict.expect(!this.open, 'P7', () => 'connected came twice');
    this.open = true;
    this.#answered('connected', message.ref, message.expires_at);
    verdict.expect(message.user_id === this.principal?.userId, 'P2', () => `connected as ${message.user_id}`);
    verdict.expect(
      message.heartbeat_seconds === settings.heartbeatSeconds,
      'P16',
      () => `${message.heartbeat_seconds} s of silence`,
    );
    this.progress?.connected(message);
  }

  #heartbeat(cursor: string): void {
    const sent = this.progress?.position;
    this.#deps.verdict.expect(cursor === sent, 'P6', () => `a heartbeat at ${cursor}, but ${sent} was sent`);
    this.#beatWithoutPing = true;
  }

  /** Answers may come in another order than the questions: `ref` tells them apart. */
  #answered(type: Owed, ref: string | undefined, expires?: string): void {
    const { verdict } = this.#deps;
    const index = this.owed.findIndex((owed) => owed.type === type && owed.ref === ref);
    const [owed] = this.owed.splice(index, index < 0 ? 0 : 1);
    verdict.expect(owed !== undefined, 'P13', () => `nobody asked for ${type} ${ref}`);
    const due = owed?.expiresAt === undefined ? undefined : new Date(owed.expiresAt).toISOString();
    verdict.expect(expires === due, 'P19', () => `the token is said to end at ${expires}, not ${due}`);
  }
}
