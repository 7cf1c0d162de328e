/** The words in which session scripts are written. All take place on one user's channels, `user` and `broadcast`. */
import { PROTOCOL_ERRORS } from '../errors.ts';
import type { ControlMessage, Notification, NotificationContent } from '../messages.ts';
import type { Session, SessionStep } from './vector-schema.ts';

const START = Date.UTC(2026, 2, 1, 10);

/** The cursor of the user's channel, or another, at a number; the same number has the same tag everywhere. */
export function at(seq: number, channel = 'user'): string {
  return `${channel}.${seq}.t${seq.toString(36).padStart(7, '0')}`;
}

/** The position at these numbers of `user` and `broadcast`. */
export function position(user: number, broadcast = 7): string {
  return `${at(user)}~${at(broadcast, 'broadcast')}`;
}

/** A notification at its place; a note's creation unless told otherwise. */
export function notification(seq: number, content?: NotificationContent, channel = 'user'): Notification {
  const note = { kind: 'note', id: seq, version: 1, href: `/v1/notes/${seq}` };
  const time = new Date(START + seq * 1000).toISOString();
  return { ...(content ?? { type: 'note.created', resource: note }), channel, seq, cursor: at(seq, channel), time };
}

/** The server sends these notifications of the user's channel; the application is told of each. */
export function delivered(seqs: readonly number[], recovered: boolean): SessionStep[] {
  return seqs.flatMap((seq) => [serverSends(notification(seq)), told(at(seq), recovered)]);
}

/** The application is told of the notification with this cursor. */
export function told(cursor: string, recovered = false): SessionStep {
  return { client_emits: { event: 'notification', cursor, recovered } };
}

/** The client asks for a token, connects and authenticates by the first frame (C1), with its position if it has one. */
export function opening(options: { cursor?: string; token?: string; after?: [number, number] } = {}): SessionStep[] {
  const { cursor, token = 'token-1', after = [0, 500] } = options;
  return [
    { token_is: token },
    { client_connects: { after_ms: after } },
    { client_sends: { type: 'authenticate', token, ...(cursor !== undefined && { cursor }) } },
  ];
}

/** The server takes the token; the connection starts at this position. */
export function connected(cursor: string, outcome: { resumed: boolean; reason?: string }): SessionStep {
  return serverSends({
    type: 'connected',
    connection_id: 'c-1',
    user_id: 'u-1',
    cursor,
    ...outcome,
    heartbeat_seconds: 25,
    expires_at: new Date(START + 30 * 60_000).toISOString(),
    server_time: new Date(START).toISOString(),
  });
}

/** The server has sent all that stood at `connected`. */
export function live(cursor: string): SessionStep[] {
  return [serverSends({ type: 'live', cursor }), { client_emits: { event: 'state', state: 'live' } }];
}

/** The server takes the token and has nothing to replay. */
export function accepted(cursor: string, resumed: boolean): SessionStep[] {
  return [connected(cursor, { resumed }), ...live(cursor)];
}

/** A first connection from its opening to `live`. */
export function upAndLive(cursor: string): SessionStep[] {
  return [...opening(), ...accepted(cursor, false)];
}

/** A connection that resumes at this position, from its opening to `live`, with nothing missed. */
export function backAndLive(cursor: string, options: { token?: string; after?: [number, number] } = {}): SessionStep[] {
  return [...opening({ cursor, ...options }), ...accepted(cursor, true)];
}

/** The server says why, where it must, and closes. */
export function serverEnds(code: number, error: keyof typeof PROTOCOL_ERRORS): SessionStep[] {
  const { message, retryable } = PROTOCOL_ERRORS[error];
  const said = code < 4100 ? [serverSends({ type: 'error', code: error, message, retryable })] : [];
  return [...said, { server_closes: { code, reason: error } }];
}

/** The server sends one frame. */
export function serverSends(frame: ControlMessage | Notification): SessionStep {
  return { server_sends: frame };
}

/** The position from which the client would resume now. */
export function keeps(cursor: string): SessionStep {
  return { client_keeps: cursor };
}

/** A try to connect that fails without an answer, after a pause of at most so long. */
export function failedTry(most: number): SessionStep[] {
  return [{ token_is: 'token-1' }, { client_connects: { after_ms: [0, most] } }, { connection_fails: {} }];
}

/** The link breaks without a close frame. */
export const linkBreaks: SessionStep = { link_breaks: {} };

/** The application stops the client, which closes with 1000. */
const stopped: readonly SessionStep[] = [
  { application_closes: {} },
  { client_closes: {} },
  { client_emits: { event: 'state', state: 'closed' } },
];

/** One script. A client that has kept nothing has `stored` null. */
export function session(name: string, rules: string[], script: { stored: string | null; steps: SessionStep[] }): Session {
  return { name, rules, stored_position: script.stored, steps: [...script.steps, ...stopped] };
}

/** One script that ends with the client closed for good, and the error that it tells the application. */
export function fatalSession(name: string, rules: string[], script: { error: string; steps: SessionStep[] }): Session {
  const end: SessionStep = { client_emits: { event: 'state', state: 'closed', error: script.error } };
  return { name, rules, stored_position: null, steps: [...script.steps, end] };
}
