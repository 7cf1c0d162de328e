/** The protocol as an AsyncAPI 3.0 document, made from the schemas with which the code itself checks frames. */
import { CLOSE_RANGES } from './close-policy.ts';
import { PROTOCOL_ERROR_CODES, protocolError } from './errors.ts';
import { CLIENT_EXAMPLES, CONTROL_EXAMPLES, NOTIFICATION_EXAMPLES } from './examples.ts';
import { LIMITS, SUBPROTOCOL, WEBSOCKET_PATH } from './limits.ts';
import { CLIENT_SCHEMAS, type ClientMessage, CONTROL_SCHEMAS, type ControlMessage, NotificationSchema } from './messages.ts';

/** What the document says of the server that it is served by. */
export interface AsyncApiOptions {
  /** Version of the server's software. */
  readonly version: string;
  /** Where the server is reached from outside: `http`, `https`, `ws` or `wss`. Default: `http://127.0.0.1:8000`. */
  readonly serverUrl?: string;
}

type MessageName = ClientMessage['type'] | ControlMessage['type'] | 'notification';

const MESSAGES: Readonly<Record<string, object>> = Object.fromEntries([
  ...[...Object.values(CLIENT_EXAMPLES), ...Object.values(CONTROL_EXAMPLES)].map((frame) => [
    frame.type,
    message(frame.type, [frame]),
  ]),
  ['notification', message('notification', NOTIFICATION_EXAMPLES)],
]);

/**
 * Makes the document, a plain JSON value that shares its parts with later calls: treat it as read-only.
 * @throws TypeError when `serverUrl` is no URL.
 */
export function asyncApiDocument({ version, serverUrl = 'http://127.0.0.1:8000' }: AsyncApiOptions): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Friday real-time protocol',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT' },
      tags: [{ name: 'notifications', description: 'Committed changes, numbered in their channel.' }],
    },
    defaultContentType: 'application/json',
    servers: { friday: server(new URL(serverUrl)) },
    channels: { realtime: channel() },
    operations: OPERATIONS,
    components: {
      messages: MESSAGES,
      schemas: { ...CLIENT_SCHEMAS, ...CONTROL_SCHEMAS, notification: NotificationSchema },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const DESCRIPTION = [
  'Every committed change of a user arrives here as a notification, in order and exactly once for a client that keeps its',
  'position. The rules stand in the specification of the protocol, `SPEC.md`; this document shows the frames.',
  '',
  `Text frames, one JSON object each; those of a client have at most ${LIMITS.clientFrameBytes} bytes. A client takes fields, types,`,
  'error codes and reasons that it does not know. After a close it does what the range of the code says (`x-close-policy`).',
].join('\n');

const SECURITY_SCHEMES = {
  header: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `Authorization` header of the upgrade. First choice where a client can set headers.',
  },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: `An entry \`bearer.<token>\` beside \`${SUBPROTOCOL}\`; the server answers with \`${SUBPROTOCOL}\` alone.`,
  },
  firstFrame: {
    type: 'apiKey',
    in: 'password',
    description: 'The field `token` of `authenticate`, sent as the first frame where the upgrade brought no token.',
  },
} as const;

const OPERATIONS = {
  authenticate: {
    action: 'receive',
    channel: { $ref: '#/channels/realtime' },
    summary: 'Proves who the client is, and resumes; later: brings a new token of the same user.',
    messages: messagesOf('authenticate'),
    reply: { channel: { $ref: '#/channels/realtime' }, messages: messagesOf('connected', 'authenticated', 'error') },
  },
  ping: {
    action: 'receive',
    channel: { $ref: '#/channels/realtime' },
    summary: 'Asks whether the server is there.',
    messages: messagesOf('ping'),
    reply: { channel: { $ref: '#/channels/realtime' }, messages: messagesOf('pong', 'error') },
  },
  notify: {
    action: 'send',
    channel: { $ref: '#/channels/realtime' },
    summary: 'Tells of a committed change.',
    tags: [{ name: 'notifications' }],
    messages: messagesOf('notification'),
  },
  control: {
    action: 'send',
    channel: { $ref: '#/channels/realtime' },
    summary: 'Tells of the connection itself.',
    messages: messagesOf('connected', 'live', 'heartbeat', 'token_expiring', 'reconnect', 'error'),
  },
} as const;

function server(url: URL): object {
  const pathname = url.pathname.replace(/\/$/, '');
  return {
    host: url.host,
    protocol: url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss' : 'ws',
    protocolVersion: '13',
    ...(pathname !== '' && { pathname }),
    description: 'Any one of the three ways to bring a token will do.',
    security: Object.keys(SECURITY_SCHEMES).map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
  };
}

function channel(): object {
  const names = Object.keys(MESSAGES);
  return {
    address: WEBSOCKET_PATH,
    title: 'Real-time',
    description: 'One connection of one user: all notifications, and the frames that keep the connection.',
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { ws: WS_BINDING },
    'x-close-codes': PROTOCOL_ERROR_CODES.flatMap((code) => {
      const { closeCode, message: meaning } = protocolError(code);
      return closeCode === undefined ? [] : [{ code: closeCode, reason: code, description: meaning }];
    }),
    'x-close-policy': CLOSE_RANGES,
  };
}

const WS_BINDING = {
  method: 'GET',
  query: {
    type: 'object',
    properties: { cursor: { type: 'string', description: 'The position to resume from; `authenticate` may give another.' } },
  },
  headers: {
    type: 'object',
    properties: {
      'Sec-WebSocket-Protocol': { type: 'string', description: `\`${SUBPROTOCOL}\`, or absent.`, examples: [SUBPROTOCOL] },
      Origin: { type: 'string', description: "The server's own origin or an allowed one; native clients send none." },
    },
  },
  bindingVersion: '0.1.0',
} as const;

function message(name: MessageName, examples: ReadonlyArray<{ readonly type: string }>): object {
  return {
    name,
    title: name,
    contentType: 'application/json',
    payload: { $ref: `#/components/schemas/${name}` },
    examples: examples.map((payload) => ({ name: payload.type, payload })),
  };
}

function messagesOf(...names: readonly MessageName[]): ReadonlyArray<{ readonly $ref: string }> {
  return names.map((name) => ({ $ref: `#/channels/realtime/messages/${name}` }));
}
