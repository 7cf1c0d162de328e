import type { Emitted, Session, SessionStep } from '../src/generate/vector-schema.ts';
import { advancePosition, type ControlMessage, checkServerMessage, closePolicy, type Notification } from '../src/index.ts';

/**
 * A client as the rules describe it, without sockets and timers: it says which events and positions follow from what a session's
 * server does. Throws where a script asks for something else.
 */
export class SessionModel {
  #position: string;
  #token = '';
  #rejectedToken: string | undefined;
  #link: 'down' | 'opening' | 'up' = 'down';
  #recovering = false;
  #mustClose = false;
  #finished = false;
  #error: string | undefined;
  readonly #seen = new Map<string, number>();
  readonly #events: Emitted[] = [];

  constructor(session: Session) {
    this.#position = session.stored_position ?? '';
  }

  /** Whether the client has stopped for good. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Takes one step of the script. */
  take(step: SessionStep): void {
    if ('client_emits' in step) this.#emits(step.client_emits);
    else {
      expectSame(this.#events, [], 'events that the script does not name');
      if ('token_is' in step) this.#takeToken(step.token_is);
      else if ('client_connects' in step) this.#connects(step.client_connects.after_ms);
      else if ('client_sends' in step) this.#sends(step.client_sends);
      else if ('client_keeps' in step) expectSame(this.#position, step.client_keeps, 'position');
      else if ('client_closes' in step) this.#closes();
      else this.#happens(step);
    }
  }

  /** Takes what others do. */
  #happens(step: Exclude<SessionStep, { client_emits: unknown } | { token_is: unknown }>): void {
    if ('application_closes' in step) this.#stop();
    else if ('server_sends' in step) this.#receive(step.server_sends);
    else if ('server_closes' in step) this.#closed(step.server_closes.code, step.server_closes.reason);
    else if ('time_passes' in step) this.#mustClose = step.time_passes.ms >= 50_000;
    else this.#closed(1006, '');
  }

  #emits(event: Emitted): void {
    if (event.event !== 'state') expectSame(this.#events.shift(), event, 'event');
    else if (event.state === 'closed') {
      expectSame(this.#finished, true, 'finished');
      expectSame(this.#error, event.error, 'error');
    }
  }

  #takeToken(token: string): void {
    this.#token = token;
    if (token !== this.#rejectedToken) return;
    this.#finished = true;
  }

  #connects([least = 0, most = 0]: readonly number[]): void {
    expectSame(this.#link, 'down', 'link');
    expectSame(this.#finished, false, 'finished');
    expectSame(least <= most, true, 'a pause that begins before it ends');
    this.#link = 'opening';
  }

  #sends({ type, token, cursor }: { readonly [field: string]: unknown }): void {
    expectSame([type, token], ['authenticate', this.#token], 'frame');
    const resumes = this.#link === 'opening' && this.#position !== '';
    expectSame(cursor, resumes ? this.#position : undefined, 'cursor');
    this.#link = 'up';
  }

  #closes(): void {
    expectSame(this.#mustClose || this.#finished, true, 'a reason to close');
    this.#mustClose = false;
    this.#link = 'down';
  }

  #stop(): void {
    this.#finished = true;
    this.#error = undefined;
  }

  #receive(value: unknown): void {
    expectSame(this.#link, 'up', 'link');
    const frame = checkServerMessage(value);
    if (frame.kind === 'invalid') throw new Error(`The server sends ${JSON.stringify(frame.details)}.`);
    if (frame.kind === 'notification') this.#notified(frame.message);
    if (frame.kind === 'control') this.#controlled(frame.message);
  }

  #notified({ type, channel, seq, cursor }: Notification): void {
    const last = this.#seen.get(channel);
    if (last !== undefined && seq <= last) return;
    if (last !== undefined && seq > last + 1) {
      this.#mustClose = true;
      return;
    }
    this.#seen.set(channel, seq);
    this.#position = advancePosition(this.#position, cursor);
    const [kind = '', name] = type.split('.');
    if (name === 'many') this.#events.push({ event: 'resync', kind });
    else this.#events.push({ event: 'notification', cursor, recovered: this.#recovering });
  }

  #controlled(message: ControlMessage): void {
    if (message.type === 'live') this.#recovering = false;
    if (message.type === 'live' || message.type === 'heartbeat') expectSame(message.cursor, this.#position, 'position as sent');
    if (message.type !== 'connected') return;
    const { cursor, resumed, reason } = message;
    if (reason !== undefined) this.#events.push({ event: 'resync', reason });
    if (!resumed) this.#seen.clear();
    else
      for (const part of this.#position.split('~'))
        expectSame(cursor.split('~').includes(part), true, 'a place that was asked for');
    this.#position = cursor;
    this.#recovering = resumed;
  }

  #closed(code: number, reason: string): void {
    this.#link = 'down';
    this.#error = reason;
    const policy = closePolicy(code);
    if (policy === 'new_token') this.#rejectedToken = this.#token;
    if (policy === 'stop_with_error') this.#finished = true;
  }
}

function expectSame(actual: unknown, wanted: unknown, what: string): void {
  const [is, asked] = [JSON.stringify(actual), JSON.stringify(wanted)];
  if (is !== asked) throw new Error(`${what}: the rules give ${is}, the script asks for ${asked}.`);
}
