/** The messages of version 1 as schemas: types, validation, documentation and test vectors come from here alone. */
import Type, { type Static, type TSchema } from 'typebox';
import { PROTOCOL_ERROR_CODES, type ProtocolErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';
import { KIND_PATTERN, NOTIFICATION_TYPE_PATTERN, WebSocketMessageType } from './message-type.ts';
import { CHANNEL_NAME_PATTERN } from './position.ts';

/** A value that a later server may add to a list that clients read: they must take it, and need not understand it. */
type LaterWord = string & Record<never, never>;

/** Why a position was not served, rule P8. */
export const RESUME_REFUSALS = ['expired', 'unknown_history', 'malformed'] as const;
export type ResumeRefusal = (typeof RESUME_REFUSALS)[number];

const Ref = Type.String({ maxLength: LIMITS.refCharacters, description: 'Chosen by the client, echoed in the answer.' });
const PositionText = Type.String({
  minLength: 1,
  maxLength: LIMITS.positionCharacters,
  description: 'A position: one cursor a channel, joined by `~`; opaque to clients.',
});
const Timestamp = Type.String({
  format: 'date-time',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
  description: 'RFC 3339, UTC, milliseconds.',
});

/** `authenticate`: the first frame, or a new token for the same user. */
export const AuthenticateSchema = Type.Object(
  {
    type: Type.Literal(WebSocketMessageType.Authenticate),
    token: Type.String({ minLength: 1, description: 'A bearer token.' }),
    // Any text is taken: one that is no position is answered by `connected` with `malformed` (P8), so that the client goes on.
    cursor: Type.Optional(
      Type.String({ description: 'The position to resume from; without it, the connection starts at the heads.' }),
    ),
    ref: Type.Optional(Ref),
  },
  { title: 'authenticate', description: 'Proves who the client is; with a position, resumes from it.' },
);

/** `ping`: asks for a `pong` at the level of the protocol. */
export const PingSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.Ping), ref: Type.Optional(Ref) },
  { title: 'ping', description: 'Asks for a pong.' },
);

/** `connected`: the first frame after authentication. */
export const ConnectedSchema = Type.Object(
  {
    type: Type.Literal(WebSocketMessageType.Connected),
    connection_id: Type.String({ description: 'Names this connection in the logs of the server.' }),
    user_id: Type.String(),
    cursor: PositionText,
    resumed: Type.Boolean({ description: 'Whether the given position is served; false also where none was given.' }),
    reason: Type.Optional(openEnum<ResumeRefusal>(RESUME_REFUSALS, 'Why the given position is not served: refetch over REST.')),
    heartbeat_seconds: Type.Number({ exclusiveMinimum: 0, description: 'Silence after which a heartbeat goes out.' }),
    expires_at: Timestamp,
    server_time: Timestamp,
    ref: Type.Optional(Ref),
  },
  { title: 'connected', description: 'Authenticated. What was missed follows, then `live`.' },
);

/** `live`: the heads that stood at `connected` are reached. */
export const LiveSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.Live), cursor: PositionText },
  { title: 'live', description: 'All that stood at `connected` has been sent.' },
);

/** `heartbeat`: goes out after silence, beside a WebSocket ping. */
export const HeartbeatSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.Heartbeat), cursor: PositionText, server_time: Timestamp },
  { title: 'heartbeat', description: 'The link is alive; `cursor` is the position as sent.' },
);

/** `token_expiring`: sixty seconds before the token's end. */
export const TokenExpiringSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.TokenExpiring), expires_at: Timestamp },
  { title: 'token_expiring', description: 'Send `authenticate` with a new token before this time.' },
);

/** `reconnect`: the server is about to close. */
export const ReconnectSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.Reconnect), after_ms: Type.Integer({ minimum: 0 }) },
  { title: 'reconnect', description: 'The server is about to close: come back after that many milliseconds.' },
);

/** `authenticated`: the answer to a later `authenticate`. */
export const AuthenticatedSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.Authenticated), expires_at: Timestamp, ref: Type.Optional(Ref) },
  { title: 'authenticated', description: 'The new token is taken.' },
);

/** `pong`: the answer to `ping`. */
export const PongSchema = Type.Object(
  { type: Type.Literal(WebSocketMessageType.Pong), ref: Type.Optional(Ref) },
  { title: 'pong', description: 'The answer to a ping.' },
);

/** `error`: something that the client sent, or that ends the connection. */
export const ErrorSchema = Type.Object(
  {
    type: Type.Literal(WebSocketMessageType.Error),
    code: openEnum<ProtocolErrorCode>(PROTOCOL_ERROR_CODES, 'What is wrong, for a program.'),
    message: Type.String({ description: 'What is wrong, for a person.' }),
    retryable: Type.Boolean({ description: 'Whether the same may succeed later, unchanged.' }),
    ref: Type.Optional(Ref),
    details: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() }), {
        description: 'The faulty fields of the frame, as JSON pointers (RFC 6901).',
      }),
    ),
  },
  { title: 'error', description: 'A frame was refused, or the connection is about to end.' },
);

/** What changed, as a REST resource. */
export const ResourceSchema = Type.Object(
  {
    kind: Type.String({ pattern: KIND_PATTERN }),
    id: Type.Union([Type.Integer(), Type.String({ maxLength: 128 })]),
    version: Type.Integer({ minimum: 1 }),
    href: Type.String({ maxLength: 512 }),
  },
  { description: 'The resource that changed: fetch it over REST.' },
);

/** A notification as a service makes it: what is announced, without its place in the log. */
export const WebSocketMessageSchema = Type.Object(
  {
    type: Type.String({ pattern: NOTIFICATION_TYPE_PATTERN }),
    resource: Type.Optional(ResourceSchema),
    changed: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64, description: 'Names of the fields.' })),
    origin: Type.Optional(
      Type.String({ maxLength: LIMITS.originCharacters, description: 'The `Friday-Client-Id` of the cause.' }),
    ),
    data: Type.Optional(Type.Unknown({ description: 'For what has no REST resource; 16 KiB of JSON at most.' })),
  },
  { additionalProperties: false, title: 'WebSocketMessage', description: 'One committed change.' },
);

/** A notification as clients get it. */
export const NotificationSchema = Type.Object(
  {
    ...WebSocketMessageSchema.properties,
    channel: Type.String({ pattern: CHANNEL_NAME_PATTERN }),
    seq: Type.Integer({ minimum: 1, description: 'Its number in its channel; each is the one before plus 1.' }),
    cursor: Type.String({
      minLength: 1,
      maxLength: LIMITS.positionCharacters,
      description: 'Its place in its channel; also its id.',
    }),
    time: Timestamp,
  },
  { title: 'notification', description: 'One committed change, numbered in its channel.' },
);

/** What a client may send, by type. */
export const CLIENT_SCHEMAS = {
  authenticate: AuthenticateSchema,
  ping: PingSchema,
} as const satisfies Record<string, TSchema>;

/** What a client may send. */
export const ClientMessageSchema = Type.Union([AuthenticateSchema, PingSchema]);

/** The server's frames that are no notifications, by type. */
export const CONTROL_SCHEMAS = {
  connected: ConnectedSchema,
  live: LiveSchema,
  heartbeat: HeartbeatSchema,
  token_expiring: TokenExpiringSchema,
  reconnect: ReconnectSchema,
  authenticated: AuthenticatedSchema,
  pong: PongSchema,
  error: ErrorSchema,
} as const satisfies Record<string, TSchema>;

export type AuthenticateMessage = Static<typeof AuthenticateSchema>;
export type PingMessage = Static<typeof PingSchema>;
export type ClientMessage = AuthenticateMessage | PingMessage;
export type ConnectedMessage = Static<typeof ConnectedSchema>;
export type LiveMessage = Static<typeof LiveSchema>;
export type HeartbeatMessage = Static<typeof HeartbeatSchema>;
export type TokenExpiringMessage = Static<typeof TokenExpiringSchema>;
export type ReconnectMessage = Static<typeof ReconnectSchema>;
export type AuthenticatedMessage = Static<typeof AuthenticatedSchema>;
export type PongMessage = Static<typeof PongSchema>;
export type ErrorMessage = Static<typeof ErrorSchema>;
export type Resource = Static<typeof ResourceSchema>;
export type NotificationContent = Static<typeof WebSocketMessageSchema>;
export type Notification = Static<typeof NotificationSchema>;
export type ControlMessage =
  | ConnectedMessage
  | LiveMessage
  | HeartbeatMessage
  | TokenExpiringMessage
  | ReconnectMessage
  | AuthenticatedMessage
  | PongMessage
  | ErrorMessage;

/** Text of which some values are known now. The schema takes every word of that form; the type offers the known ones. */
function openEnum<Known extends string>(known: readonly Known[], description: string) {
  return Type.Unsafe<Known | LaterWord>({
    type: 'string',
    pattern: '^[a-z][a-z0-9_]{0,63}$',
    examples: [...known],
    description: `${description} Now: ${known.join(', ')}; later versions of the server may add others.`,
  });
}
