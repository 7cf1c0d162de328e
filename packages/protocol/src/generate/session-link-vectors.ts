/** Sessions about the link: tokens, closes, pauses before the next try, and links that are dead. */
import type { PROTOCOL_ERRORS } from '../errors.ts';
import {
  accepted,
  backAndLive,
  delivered,
  failedTry,
  fatalSession,
  keeps,
  linkBreaks,
  opening,
  position,
  serverEnds,
  serverSends,
  session,
  upAndLive,
} from './session-steps.ts';
import type { Session, SessionStep } from './vector-schema.ts';

const HELD = position(41);
const RESUMED = backAndLive(HELD);
const WAITING: SessionStep = { client_emits: { event: 'state', state: 'waiting' } };

function tokenSessions(): Session[] {
  const expiring = serverSends({ type: 'token_expiring', expires_at: '2026-03-01T10:30:00.000Z' });
  const renewed = serverSends({ type: 'authenticated', expires_at: '2026-03-01T11:00:00.000Z' });
  return [
    session('a token is renewed without a break', ['P19', 'C2'], {
      stored: null,
      steps: [
        ...upAndLive(HELD),
        expiring,
        { token_is: 'token-2' },
        { client_sends: { type: 'authenticate', token: 'token-2' } },
        renewed,
        ...delivered([42], false),
      ],
    }),
    session('a token that has expired is replaced, and the position kept', ['P19', 'C2'], {
      stored: null,
      steps: [...upAndLive(HELD), ...serverEnds(4001, 'token_expired'), WAITING, ...backAndLive(HELD, { token: 'token-2' })],
    }),
    session('a token that was revoked is replaced', ['C2'], {
      stored: null,
      steps: [...upAndLive(HELD), ...serverEnds(4003, 'revoked'), WAITING, ...backAndLive(HELD, { token: 'token-2' })],
    }),
    fatalSession('a token that stays the same after 4001 ends it', ['C2'], {
      error: 'unauthenticated',
      steps: [...opening(), ...serverEnds(4001, 'unauthenticated'), { token_is: 'token-1' }],
    }),
  ];
}

function closeSessions(): Session[] {
  const came: Array<[number, keyof typeof PROTOCOL_ERRORS]> = [
    [4100, 'over_capacity'],
    [4101, 'too_many_connections'],
    [4102, 'rate_limited'],
    [4103, 'too_slow'],
    [4201, 'server_error'],
    [4202, 'heartbeat_timeout'],
  ];
  return [
    ...came.map(([code, error]) =>
      session(`after ${code} the client comes back with its position`, ['C1'], {
        stored: null,
        steps: [...upAndLive(HELD), ...serverEnds(code, error), WAITING, ...RESUMED],
      }),
    ),
    session('a code of a later version is policy by its range', ['C1'], {
      stored: null,
      steps: [...upAndLive(HELD), { server_closes: { code: 4150, reason: 'code_of_a_later_version' } }, WAITING, ...RESUMED],
    }),
    session('the server says when to come back', ['P21', 'C1'], {
      stored: null,
      steps: [
        ...upAndLive(HELD),
        serverSends({ type: 'reconnect', after_ms: 400 }),
        ...serverEnds(4200, 'server_draining'),
        WAITING,
        ...backAndLive(HELD, { after: [400, 900] }),
      ],
    }),
    fatalSession('a client that breaks the protocol does not come back', ['P13', 'C1'], {
      error: 'protocol_error',
      steps: [...upAndLive(HELD), ...serverEnds(4000, 'protocol_error')],
    }),
    fatalSession('an unknown code below 4100 is final too', ['C1'], {
      error: 'code_of_a_later_version',
      steps: [...upAndLive(HELD), { server_closes: { code: 4042, reason: 'code_of_a_later_version' } }],
    }),
  ];
}

function pauseSessions(): Session[] {
  const longest = [500, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  return [
    session('pauses grow up to 30 s, each of random length', ['C1'], {
      stored: null,
      steps: [...longest.flatMap(failedTry), ...opening({ after: [0, 30_000] }), ...accepted(HELD, false)],
    }),
    session('ten seconds of live make the next pause short again', ['C1'], {
      stored: null,
      steps: [
        ...longest.slice(0, 4).flatMap(failedTry),
        ...opening({ after: [0, 4000] }),
        ...accepted(HELD, false),
        { time_passes: { ms: 10_000 } },
        linkBreaks,
        WAITING,
        ...RESUMED,
      ],
    }),
    session('a refused upgrade says when to come back', ['P4', 'C1'], {
      stored: null,
      steps: [
        { token_is: 'token-1' },
        { client_connects: { after_ms: [0, 500] } },
        { server_refuses: { status: 503, code: 'over_capacity', retry_after_seconds: 3 } },
        WAITING,
        ...opening({ after: [3000, 3500] }),
        ...accepted(HELD, false),
      ],
    }),
  ];
}

function deadLinkSessions(): Session[] {
  return [
    session('a link that is silent for two intervals is dead', ['P16', 'C5'], {
      stored: null,
      steps: [...upAndLive(HELD), { time_passes: { ms: 51_000 } }, { client_closes: {} }, WAITING, ...RESUMED],
    }),
    session('heartbeats keep a link', ['P16'], {
      stored: null,
      steps: [
        ...upAndLive(HELD),
        { time_passes: { ms: 25_000 } },
        serverSends({ type: 'heartbeat', cursor: HELD, server_time: '2026-03-01T10:00:25.000Z' }),
        { time_passes: { ms: 25_000 } },
        serverSends({ type: 'heartbeat', cursor: HELD, server_time: '2026-03-01T10:00:50.000Z' }),
        keeps(HELD),
        ...delivered([42], false),
      ],
    }),
  ];
}

/** All sessions about the link. */
export function linkSessionScripts(): Session[] {
  return [...tokenSessions(), ...closeSessions(), ...pauseSessions(), ...deadLinkSessions()];
}
