import { type AuthenticateMessage, type ClientMessage, LIMITS, parseClientMessage, protocolError } from '@friday/protocol';
import { RealtimeError } from '../../domain/errors.ts';
import type { RealtimeMetrics } from '../../domain/metrics.ts';
import type { Clock, Principal } from '../../domain/ports.ts';
import type { Rate } from '../admission/token-bucket.ts';
import type { Connection } from './connection.ts';

const MINUTE_MS = 60_000;

export interface ClientFramesDeps {
  /** Verifies a token, in its turn. */
  readonly verify: (token: string) => Promise<Principal>;
  readonly clock: Clock;
  readonly metrics: Pick<RealtimeMetrics, 'answeredError'>;
  /** How fast a client may send; undefined where it is not limited. */
  readonly rate: Rate | undefined;
  /** Opens a connection whose first frame proved who it is. */
  readonly open: (connection: Connection, principal: Principal, message: AuthenticateMessage) => Promise<void>;
  /** Writes what waits for a connection now, as far as its peer reads. */
  readonly deliver: (connection: Connection) => void;
  /** Has the pump look at a connection whose answers wait. */
  readonly wake: (connection: Connection) => void;
  /** Closes with the code of a fault. */
  readonly fail: (connection: Connection, fault: RealtimeError) => void;
}

/** What clients send: `authenticate` and `ping`, and faults (P5, P13, P19). */
export class ClientFrames {
  readonly #deps: ClientFramesDeps;
  #received = 0;

  constructor(deps: ClientFramesDeps) {
    this.#deps = deps;
  }

  /** Frames so far. */
  get received(): number {
    return this.#received;
  }

  /**
   * Counts a frame of any kind against the connection's rate.
   * @returns false when it was one too many: the connection is being closed.
   */
  count(connection: Connection): boolean {
    const { rate, clock, fail } = this.#deps;
    this.#received++;
    const wait = rate === undefined ? 0 : connection.received.take(rate, clock.monotonic());
    if (wait > 0) fail(connection, new RealtimeError('rate_limited', 'Frames come too fast.', { retryAfterMs: wait }));
    return wait === 0;
  }

  /** Takes one text frame. Faults of the peer end in an answer or a close; only faults of the server are thrown. */
  async receive(connection: Connection, text: string): Promise<void> {
    const { fail } = this.#deps;
    if (connection.phase === 'authenticating') {
      return fail(
        connection,
        new RealtimeError('protocol_error', 'Only one frame may come before the answer to `authenticate`.'),
      );
    }
    const frame = parseClientMessage(text);
    if (connection.phase === 'ended') return;
    if (connection.phase === 'new') {
      if (frame.ok && frame.message.type === 'authenticate') return this.#authenticateFirst(connection, frame.message);
      const fault = frame.ok ? 'The first frame must be `authenticate`.' : frame.message;
      return fail(
        connection,
        new RealtimeError(frame.ok || frame.code === 'invalid_message' ? 'unauthenticated' : frame.code, fault),
      );
    }
    if (frame.ok) return this.#handle(connection, frame.message);
    if (frame.code === 'protocol_error') return fail(connection, new RealtimeError('protocol_error', frame.message));
    this.#countFault(connection);
    const { code, message, details, ref } = frame;
    this.#deps.metrics.answeredError(code);
    this.#answer(connection, {
      type: 'error',
      code,
      message,
      retryable: false,
      details: [...details],
      ...(ref !== undefined && { ref }),
    });
  }

  async #handle(connection: Connection, message: ClientMessage): Promise<void> {
    if (message.type === 'authenticate') return this.#authenticateAgain(connection, message);
    this.#answer(connection, { type: 'pong', ...(message.ref !== undefined && { ref: message.ref }) });
  }

  async #authenticateFirst(connection: Connection, message: AuthenticateMessage): Promise<void> {
    connection.phase = 'authenticating';
    const principal = await this.#verify(message.token, (fault) => this.#deps.fail(connection, fault));
    if (principal && connection.phase === 'authenticating') await this.#deps.open(connection, principal, message);
  }

  /** P19: a new token of the same user. */
  async #authenticateAgain(connection: Connection, { token, ref }: AuthenticateMessage): Promise<void> {
    const principal = await this.#verify(token, (fault) => this.#refuseRenewal(connection, fault, ref));
    if (!principal || connection.phase !== 'open') return;
    if (principal.userId !== connection.principal?.userId) return this.#deps.fail(connection, new RealtimeError('forbidden'));
    connection.principal = principal;
    connection.expiryAnnounced = false;
    const expires_at = new Date(principal.expiresAt).toISOString();
    this.#answer(connection, { type: 'authenticated', expires_at, ...(ref !== undefined && { ref }) });
  }

  /** Where the new token could not be looked at now, the old one is still good: the client may try again (P19). */
  #refuseRenewal(connection: Connection, fault: RealtimeError, ref: string | undefined): void {
    const { code, message } = fault;
    const { retryable } = protocolError(code);
    if (!retryable) return this.#deps.fail(connection, fault);
    this.#deps.metrics.answeredError(code);
    this.#answer(connection, { type: 'error', code, message, retryable, ...(ref !== undefined && { ref }) });
  }

  async #verify(token: string, refuse: (fault: RealtimeError) => void): Promise<Principal | undefined> {
    try {
      return await this.#deps.verify(token);
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
      refuse(error);
      return undefined;
    }
  }

  #answer(connection: Connection, message: Parameters<Connection['answer']>[0]): void {
    if (connection.phase !== 'open') return;
    let taken = connection.answer(message);
    if (!taken) {
      // Many frames came in one turn: what waits for the pump is not the peer's fault, what it does not read is.
      this.#deps.deliver(connection);
      taken = connection.answer(message);
    }
    if (taken) this.#deps.wake(connection);
    else this.#deps.fail(connection, new RealtimeError('too_slow', 'The answers to your frames are not read.'));
  }

  /** P13: the tenth faulty frame within a minute ends the connection. */
  #countFault(connection: Connection): void {
    const now = this.#deps.clock.monotonic();
    connection.faults = [...connection.faults.filter((time) => now - time < MINUTE_MS), now];
    if (connection.faults.length < LIMITS.invalidFramesPerMinute) return;
    this.#deps.fail(
      connection,
      new RealtimeError(
        'protocol_error',
        `${LIMITS.invalidFramesPerMinute} frames within a minute were no messages of this protocol.`,
      ),
    );
  }
}
