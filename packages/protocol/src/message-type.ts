/** The types that version 1 fixes. Notification types beyond them are `<namespace>.<name>`. Rule P15. */
export const WebSocketMessageType = {
  Authenticate: 'authenticate',
  Ping: 'ping',
  Connected: 'connected',
  Live: 'live',
  Heartbeat: 'heartbeat',
  TokenExpiring: 'token_expiring',
  Reconnect: 'reconnect',
  Authenticated: 'authenticated',
  Pong: 'pong',
  Error: 'error',
  SystemAnnouncement: 'system.announcement',
} as const;
export type WebSocketMessageType = (typeof WebSocketMessageType)[keyof typeof WebSocketMessageType];

/** Form of a resource kind, which is also the namespace of its notification types. */
export const KIND_PATTERN = '^[a-z][a-z0-9_]{0,31}$';

/** Form of a notification type: a namespace and a name, lower-case letters, digits and underscores. */
export const NOTIFICATION_TYPE_PATTERN = '^[a-z][a-z0-9_]{0,31}\\.[a-z][a-z0-9_]{0,31}$';

/** A notification's type, such as `note.created`. */
export type NotificationType = `${string}.${string}`;
