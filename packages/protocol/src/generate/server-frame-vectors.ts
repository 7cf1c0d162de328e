/** Cases of server frames: what clients read, ignore and report. */
import { CONTROL_EXAMPLES, NOTIFICATION_EXAMPLES } from '../examples.ts';
import type { ServerFrameCase } from './vector-schema.ts';

const NOTE = {
  type: 'note.created',
  resource: { kind: 'note', id: 17, version: 1, href: '/v1/notes/17' },
  channel: 'user',
  seq: 42,
  cursor: 'user.42.Qw7eRt1y',
  time: '2026-03-01T10:00:00.125Z',
};
const TIME = '2026-03-01T10:00:00.000Z';
const CONNECTED = { ...CONTROL_EXAMPLES.connected, resumed: false };

/** What a server of this version, or of a later one, may send. */
function takenCases(): ServerFrameCase[] {
  return [
    ...Object.values(CONTROL_EXAMPLES).map((frame) => frameCase(frame.type, 'control', frame)),
    ...NOTIFICATION_EXAMPLES.map((frame) => frameCase(frame.type, 'notification', frame)),
    frameCase('connected without a position before it', 'control', CONNECTED),
    ...['expired', 'unknown_history', 'malformed', 'reason_of_a_later_version'].map((reason) =>
      frameCase(`connected, not resumed: ${reason}`, 'control', { ...CONNECTED, reason }),
    ),
    frameCase('an error whose code is not known yet', 'control', {
      type: 'error',
      code: 'code_of_a_later_version',
      message: 'Something new.',
      retryable: false,
    }),
    frameCase('pong without ref', 'control', { type: 'pong' }),
    frameCase('a control frame with a field of a later version', 'control', { ...CONTROL_EXAMPLES.live, hint: 1 }),
    frameCase('a control type of a later version is ignored', 'unknown', { type: 'weather', wind: 3 }),
    frameCase('a notification type that is not known still counts', 'notification', { ...NOTE, type: 'garden.watered' }),
    frameCase('a notification of a channel of a later version', 'notification', {
      ...NOTE,
      channel: 'team-blue',
      cursor: 'team-blue.42.x',
    }),
    frameCase('a notification with a field of a later version', 'notification', { ...NOTE, mood: 'calm' }),
    frameCase('a resource whose id is text', 'notification', { ...NOTE, resource: { ...NOTE.resource, id: '9f1c' } }),
    frameCase('data may be any JSON', 'notification', { ...NOTE, data: [null, 1, 'x', {}] }),
  ];
}

/** What no server may send. */
function refusedCases(): ServerFrameCase[] {
  return [
    frameCase('a list', 'invalid', [NOTE], ['']),
    frameCase('no type', 'invalid', { cursor: 'user.1.a' }, ['/type']),
    frameCase('a type that is no text', 'invalid', { type: 7 }, ['/type']),
    frameCase('a type of three parts', 'invalid', { ...NOTE, type: 'a.b.c' }, ['/type']),
    frameCase('a notification without its place', 'invalid', { type: 'note.created' }, ['/channel', '/seq', '/cursor', '/time']),
    frameCase('seq 0 is no notification', 'invalid', { ...NOTE, seq: 0 }, ['/seq']),
    frameCase('seq as text', 'invalid', { ...NOTE, seq: '42' }, ['/seq']),
    frameCase('a cursor of another channel', 'invalid', { ...NOTE, cursor: 'broadcast.42.x' }, ['/cursor']),
    frameCase('version 0', 'invalid', { ...NOTE, resource: { ...NOTE.resource, version: 0 } }, ['/resource/version']),
    frameCase('a resource without href', 'invalid', { ...NOTE, resource: { kind: 'note', id: 17, version: 1 } }, [
      '/resource/href',
    ]),
    frameCase('live without a position', 'invalid', { type: 'live' }, ['/cursor']),
    frameCase('resumed, and yet a reason', 'invalid', { ...CONTROL_EXAMPLES.connected, reason: 'expired' }, ['/reason']),
    frameCase('reconnect before now', 'invalid', { type: 'reconnect', after_ms: -1 }, ['/after_ms']),
    { name: 'no JSON', rules: ['P1'], text: 'live', kind: 'invalid', fields: [''] },
    ...timeCases(),
  ];
}

/** Rule P14: one form of time, to the millisecond, in UTC. */
function timeCases(): ServerFrameCase[] {
  const wrong = [
    '2026-03-01T10:00:00Z',
    '2026-03-01T10:00:00.12Z',
    '2026-03-01T10:00:00.125+01:00',
    '2026-03-01 10:00:00.125Z',
    '2026-02-30T10:00:00.125Z',
    'yesterday',
  ];
  return [
    ...wrong.map((time) => ({ ...frameCase(`time: ${time}`, 'invalid', { ...NOTE, time }, ['/time']), rules: ['P14'] })),
    { ...frameCase(`time: ${TIME}`, 'notification', { ...NOTE, time: TIME }), rules: ['P14'] },
  ];
}

/** All cases, those to be taken first. */
export function serverFrameCases(): ServerFrameCase[] {
  return [...takenCases(), ...refusedCases()];
}

function frameCase(name: string, kind: ServerFrameCase['kind'], ...[frame, fields]: [unknown, string[]?]): ServerFrameCase {
  const rules = kind === 'notification' ? ['P6', 'P15'] : ['P1'];
  return { name, rules, text: JSON.stringify(frame), kind, ...(fields && { fields }) };
}
