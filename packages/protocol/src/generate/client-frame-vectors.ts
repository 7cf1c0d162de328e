/** Cases of client frames, rule P13. */
import { CLIENT_EXAMPLES } from '../examples.ts';
import { LIMITS } from '../limits.ts';
import type { ClientFrameCase } from './vector-schema.ts';

const LONG = LIMITS.refCharacters;

/** A frame, and for a faulty one the fields that are named and the `ref` that is echoed. */
type Sample = readonly [name: string, frame: unknown, faulty?: { fields: string[]; ref?: string }];

const FRAMES: readonly Sample[] = [
  ...Object.values(CLIENT_EXAMPLES).map((example): Sample => [`${example.type}, with all its fields`, example]),
  ['authenticate with a token alone', { type: 'authenticate', token: 't' }],
  ['authenticate with a text that is no position: answered by connected with malformed', withToken({ cursor: 'nonsense' })],
  ['authenticate with an empty position: malformed too', withToken({ cursor: '' })],
  ['a field that the message does not have is ignored', { type: 'ping', colour: 'red' }],
  ['a ref as long as allowed', { type: 'ping', ref: 'r'.repeat(LONG) }],
  ['a ref as long as allowed, counted in code points', { type: 'ping', ref: '\u{1F600}'.repeat(LONG) }],
  ['an empty ref', { type: 'ping', ref: '' }],
  ['an empty object', {}, { fields: ['/type'] }],
  ['no type', { ref: 'r-1' }, { fields: ['/type'], ref: 'r-1' }],
  ['an unknown type', { type: 'subscribe', ref: 'r-2' }, { fields: ['/type'], ref: 'r-2' }],
  ['a type that only a server sends', { type: 'live', cursor: 'user.1.a' }, { fields: ['/type'] }],
  ['a type in capitals', { type: 'PING' }, { fields: ['/type'] }],
  ['a type that is no text', { type: 1, ref: 'r-3' }, { fields: ['/type'], ref: 'r-3' }],
  ['a type that is null', { type: null }, { fields: ['/type'] }],
  ['a type named like a member of every object', { type: 'constructor' }, { fields: ['/type'] }],
  ['authenticate without a token', { type: 'authenticate', ref: 'r-4' }, { fields: ['/token'], ref: 'r-4' }],
  ['an empty token', { type: 'authenticate', token: '' }, { fields: ['/token'] }],
  ['a token that is null', { type: 'authenticate', token: null }, { fields: ['/token'] }],
  ['a token that is an object', { type: 'authenticate', token: { jwt: 't' } }, { fields: ['/token'] }],
  ['a position that is a number', withToken({ cursor: 41 }), { fields: ['/cursor'] }],
  ['a position that is null', withToken({ cursor: null }), { fields: ['/cursor'] }],
  ['a ref that is too long is not echoed', { type: 'ping', ref: 'r'.repeat(LONG + 1) }, { fields: ['/ref'] }],
  ['a ref that is too long in code points', { type: 'ping', ref: '\u{1F600}'.repeat(LONG + 1) }, { fields: ['/ref'] }],
  ['a ref that is a number is not echoed', { type: 'ping', ref: 7 }, { fields: ['/ref'] }],
  ['a ref that is null is not echoed', { type: 'ping', ref: null }, { fields: ['/ref'] }],
  ['two faulty fields are both named', { type: 'authenticate', token: 1, ref: false }, { fields: ['/token', '/ref'] }],
];

/** Text frames that are no JSON object: the connection ends with 4000. */
const NO_OBJECTS: ReadonlyArray<readonly [name: string, text: string]> = [
  ['nothing', ''],
  ['a word', 'ping'],
  ['a JSON string', '"ping"'],
  ['a number', '42'],
  ['null', 'null'],
  ['an array', '[{"type":"ping"}]'],
  ['an object that is cut off', '{"type":"ping"'],
  ['two objects in one frame', '{"type":"ping"}{"type":"ping"}'],
  ['an object with a trailing comma', '{"type":"ping",}'],
  ['an object in single quotes', "{'type':'ping'}"],
  ['an object behind a byte order mark', '\u{FEFF}{"type":"ping"}'],
];

/** All cases: frames that are valid, that are answered by `invalid_message`, and that end the connection. */
export function clientFrameCases(): ClientFrameCase[] {
  return [
    ...FRAMES.map(frameCase),
    ...NO_OBJECTS.map(
      ([name, text]): ClientFrameCase => ({
        name,
        rules: ['P13'],
        text,
        valid: false,
        code: 'protocol_error',
        close_code: 4000,
        fields: [],
      }),
    ),
  ];
}

function frameCase([name, frame, faulty]: Sample): ClientFrameCase {
  const subject = { name, rules: ['P13'], text: JSON.stringify(frame) };
  return faulty ? { ...subject, valid: false, code: 'invalid_message', ...faulty } : { ...subject, valid: true };
}

function withToken(fields: object): object {
  return { type: 'authenticate', token: 't', ...fields };
}
