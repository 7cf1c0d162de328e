/** The form of the test vectors: the types of those that make them, and the JSON schema beside the files. */
import Type, { type Static } from 'typebox';
import { ClosePolicy } from '../close-policy.ts';

const about = { name: Type.String({ minLength: 1 }), rules: Type.Array(Type.String({ pattern: '^[PC][0-9]+b?$' })) };
const strict = { additionalProperties: false } as const;
const Fields = Type.Array(Type.String(), { description: 'The faulty fields, as JSON pointers.' });
const Frame = Type.Unsafe<{ readonly type: string; readonly [field: string]: unknown }>(
  Type.Object({ type: Type.String() }, { description: 'A frame as JSON; the order of the fields means nothing.' }),
);
const Refusal = Type.Object(
  { status: Type.Integer(), code: Type.String(), retry_after_seconds: Type.Optional(Type.Integer()) },
  strict,
);

const ClientFrameCase = Type.Object(
  {
    ...about,
    text: Type.String({ description: 'The text of the frame.' }),
    valid: Type.Boolean(),
    code: Type.Optional(Type.Enum(['invalid_message', 'protocol_error'])),
    close_code: Type.Optional(Type.Integer({ description: 'Where the frame ends the connection.' })),
    fields: Type.Optional(Fields),
    ref: Type.Optional(Type.String({ description: 'The `ref` of the answer; absent where the answer has none.' })),
  },
  strict,
);

const ServerFrameCase = Type.Object(
  {
    ...about,
    text: Type.String({ description: 'The text of the frame.' }),
    kind: Type.Enum(['control', 'notification', 'unknown', 'invalid'], {
      description: 'What a client must make of it: an `unknown` frame is ignored, an `invalid` one is a fault of the server.',
    }),
    fields: Type.Optional(Fields),
  },
  strict,
);

const CursorCase = Type.Object({ channel: Type.String(), seq: Type.Integer(), tag: Type.String() }, strict);

const PositionCase = Type.Object(
  {
    ...about,
    text: Type.String(),
    cursors: Type.Union([Type.Array(CursorCase), Type.Null()], {
      description: 'What a server reads; null where it is malformed.',
    }),
  },
  strict,
);

const AdvanceCase = Type.Object(
  {
    ...about,
    position: Type.String({ description: 'The position before; empty where the client has none.' }),
    cursor: Type.String({ description: 'The cursor of the notification.' }),
    result: Type.String({ description: 'The position after.' }),
  },
  strict,
);

const CloseCodeCase = Type.Object(
  {
    code: Type.Integer(),
    policy: Type.Enum(Object.values(ClosePolicy)),
    errors: Type.Optional(Type.Array(Type.String(), { description: 'The errors of version 1 that close with this code.' })),
  },
  strict,
);

const Emitted = Type.Union([
  Type.Object({ event: Type.Literal('notification'), cursor: Type.String(), recovered: Type.Boolean() }, strict),
  Type.Object(
    { event: Type.Literal('resync'), reason: Type.Optional(Type.String()), kind: Type.Optional(Type.String()) },
    strict,
  ),
  Type.Object({ event: Type.Literal('state'), state: Type.String(), error: Type.Optional(Type.String()) }, strict),
]);

const Step = Type.Union(
  [
    step('token_is', Type.String(), 'The client asks its callback for a token and gets this one.'),
    step(
      'client_connects',
      Type.Object({ after_ms: Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }) }, strict),
      'The client opens a connection: so many milliseconds, least and most, after the step before.',
    ),
    step('client_sends', Frame, 'The client sends exactly this, but for a `ref` of its own choice.'),
    step('client_emits', Emitted, 'The application is told of this. Notifications and resyncs that no step lists are wrong.'),
    step('client_keeps', Type.String(), 'The position that the client would resume from now.'),
    step('client_closes', Type.Object({}, strict), 'The client ends the connection, with 1000 or a code from 3000 to 4999.'),
    step('application_closes', Type.Object({}, strict), 'The application tells the client to stop.'),
    step('server_sends', Frame, 'The server sends this.'),
    step('server_closes', Type.Object({ code: Type.Integer(), reason: Type.String() }, strict), 'The server closes.'),
    step('server_refuses', Refusal, 'The upgrade gets this HTTP answer instead; so does a plain GET, should the client ask.'),
    step('connection_fails', Type.Object({}, strict), 'Nothing answers: the try to connect fails.'),
    step('link_breaks', Type.Object({}, strict), 'The connection ends without a close frame (1006).'),
    step('time_passes', Type.Object({ ms: Type.Number() }, strict), 'The clock moves on and nothing arrives.'),
  ],
  { description: 'One step, named by its only field.' },
);

const Session = Type.Object(
  {
    ...about,
    stored_position: Type.Union([Type.String(), Type.Null()], { description: 'What the client has kept from before.' }),
    steps: Type.Array(Step, { minItems: 1 }),
  },
  strict,
);

/** What each file is about. */
export const VECTOR_SUBJECTS = {
  'client-frames': 'What a server makes of the frames of a client.',
  'server-frames': 'What a client makes of the frames of a server.',
  positions: 'How a server reads positions, and how a client moves its own.',
  'close-codes': 'What a client does after each close code.',
  sessions: 'Whole sessions: what the server does and what a client must do.',
} as const;

/** The files, each an object of lists of cases. */
export const VECTOR_SCHEMAS = {
  'client-frames': file({ cases: Type.Array(ClientFrameCase) }),
  'server-frames': file({ cases: Type.Array(ServerFrameCase) }),
  positions: file({ cases: Type.Array(PositionCase), advances: Type.Array(AdvanceCase) }),
  'close-codes': file({ cases: Type.Array(CloseCodeCase) }),
  sessions: file({ sessions: Type.Array(Session) }),
} as const satisfies { readonly [Name in VectorFile]: Type.TSchema };

export type VectorFile = keyof typeof VECTOR_SUBJECTS;
export type ClientFrameCase = Static<typeof ClientFrameCase>;
export type ServerFrameCase = Static<typeof ServerFrameCase>;
export type PositionCase = Static<typeof PositionCase>;
export type AdvanceCase = Static<typeof AdvanceCase>;
export type CloseCodeCase = Static<typeof CloseCodeCase>;
export type Session = Static<typeof Session>;
export type SessionStep = Static<typeof Step>;
export type Emitted = Static<typeof Emitted>;

/** The JSON schema of all files, as one document with a definition each. */
export function vectorSchemaDocument(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: "Test vectors of Friday's real-time protocol, version 1",
    $defs: VECTOR_SCHEMAS,
  };
}

function step<Name extends string, Value extends Type.TSchema>(name: Name, value: Value, description: string) {
  return Type.Object({ [name]: value } as { [Key in Name]: Value }, { ...strict, description });
}

function file<Properties extends Type.TProperties>(properties: Properties) {
  return Type.Object({ $schema: Type.String(), about: Type.String(), ...properties }, strict);
}
