/** One valid example of each message: the documentation, AsyncAPI and the test vectors show these and no others. */
import { PROTOCOL_ERRORS } from './errors.ts';
import type { ClientMessage, ControlMessage, Notification, NotificationContent } from './messages.ts';

const POSITION = 'user.41.pX3kQ9-b~broadcast.7.Zt_0aWd2';
const USER_ID = '0b9c6b1e-7a52-4c1b-9f0e-3d2a5c8e4f10';

/** What a client sends, by type. */
export const CLIENT_EXAMPLES: { readonly [Type in ClientMessage['type']]: Extract<ClientMessage, { type: Type }> } = {
  authenticate: { type: 'authenticate', token: 'header.payload.signature', cursor: POSITION, ref: 'auth-1' },
  ping: { type: 'ping', ref: 'ping-7' },
};

/** What a server sends beside notifications, by type. */
export const CONTROL_EXAMPLES: { readonly [Type in ControlMessage['type']]: Extract<ControlMessage, { type: Type }> } = {
  connected: {
    type: 'connected',
    connection_id: 'c-5e0f1a7d',
    user_id: USER_ID,
    cursor: POSITION,
    resumed: true,
    heartbeat_seconds: 25,
    expires_at: '2026-03-01T10:30:00.000Z',
    server_time: '2026-03-01T10:00:00.000Z',
    ref: 'auth-1',
  },
  live: { type: 'live', cursor: 'user.43.a0-ZsX9c~broadcast.7.Zt_0aWd2' },
  heartbeat: {
    type: 'heartbeat',
    cursor: 'user.43.a0-ZsX9c~broadcast.7.Zt_0aWd2',
    server_time: '2026-03-01T10:00:25.000Z',
  },
  token_expiring: { type: 'token_expiring', expires_at: '2026-03-01T10:30:00.000Z' },
  reconnect: { type: 'reconnect', after_ms: 250 },
  authenticated: { type: 'authenticated', expires_at: '2026-03-01T11:00:00.000Z', ref: 'auth-2' },
  pong: { type: 'pong', ref: 'ping-7' },
  error: {
    type: 'error',
    code: 'invalid_message',
    message: 'The frame is not a message of this protocol: /token must not be empty.',
    retryable: PROTOCOL_ERRORS.invalid_message.retryable,
    ref: 'auth-3',
    details: [{ field: '/token', message: 'must not be empty' }],
  },
};

/** The history of one user's channel: a note and the task that refers to it, an activity, a mass of changes, another service. */
const USER_NOTIFICATIONS: readonly Notification[] = [
  userNotification(42, 'Qw7eRt1y', {
    type: 'note.created',
    resource: { kind: 'note', id: 17, version: 1, href: '/v1/notes/17' },
    origin: 'phone-2f9c',
  }),
  userNotification(43, 'a0-ZsX9c', {
    type: 'note.updated',
    resource: { kind: 'note', id: 17, version: 2, href: '/v1/notes/17' },
    changed: ['content', 'updated_at'],
  }),
  userNotification(44, 'Jm2-8vRc', {
    type: 'task.created',
    resource: { kind: 'task', id: 5, version: 1, href: '/v1/tasks/5' },
  }),
  userNotification(45, 'uH6yG5tF', {
    type: 'task.completed',
    resource: { kind: 'task', id: 5, version: 2, href: '/v1/tasks/5' },
    changed: ['status', 'updated_at'],
  }),
  userNotification(46, 'rD4eS3w-', {
    type: 'note.deleted',
    resource: { kind: 'note', id: 17, version: 3, href: '/v1/notes/17' },
  }),
  userNotification(47, 'Lp4oK_i3', {
    type: 'task.updated',
    resource: { kind: 'task', id: 5, version: 3, href: '/v1/tasks/5' },
    changed: ['note_id', 'updated_at'],
  }),
  userNotification(48, 'zX1cV2bN', {
    type: 'task.deleted',
    resource: { kind: 'task', id: 5, version: 4, href: '/v1/tasks/5' },
  }),
  userNotification(49, 'mN8bV7cX', {
    type: 'activity.created',
    resource: { kind: 'activity', id: 3, version: 1, href: '/v1/activities/3' },
  }),
  userNotification(50, 'kJ5hG4fD', {
    type: 'activity.updated',
    resource: { kind: 'activity', id: 3, version: 2, href: '/v1/activities/3' },
    changed: ['name', 'color', 'updated_at'],
  }),
  userNotification(51, 'pO9iU8yT', {
    type: 'activity.deleted',
    resource: { kind: 'activity', id: 3, version: 3, href: '/v1/activities/3' },
  }),
  userNotification(52, 'w_Q2e3R4', { type: 'note.many', data: { count: 2400 } }),
  userNotification(53, 'T5y6U7i8', { type: 'billing.invoice_paid', data: { invoice: 'INV-2026-0042', cents: 1900 } }),
];

/** Notifications, each of another type. */
export const NOTIFICATION_EXAMPLES: readonly Notification[] = [
  ...USER_NOTIFICATIONS,
  {
    type: 'system.announcement',
    data: { text: 'Friday will be down for a moment at noon.' },
    channel: 'broadcast',
    seq: 8,
    cursor: 'broadcast.8.O9p0A1s2',
    time: '2026-03-01T10:07:00.000Z',
  },
];

function userNotification(seq: number, tag: string, content: NotificationContent): Notification {
  const time = new Date(Date.UTC(2026, 2, 1, 10, 0, seq - 42, 125)).toISOString();
  return { ...content, channel: 'user', seq, cursor: `user.${seq}.${tag}`, time };
}
