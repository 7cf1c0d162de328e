/** Sessions about positions: starting, resuming, duplicates, gaps, and being told to refetch. */
import {
  at,
  connected,
  delivered,
  keeps,
  linkBreaks,
  live,
  notification,
  opening,
  position,
  serverSends,
  session,
  told,
  upAndLive,
} from './session-steps.ts';
import type { Session, SessionStep } from './vector-schema.ts';

const HELD = position(41);

function startSessions(): Session[] {
  return [
    session('a client that has no position starts at the heads', ['P7'], {
      stored: null,
      steps: [...upAndLive(HELD), keeps(HELD), ...delivered([42], false), keeps(position(42))],
    }),
    session('both channels move the one position', ['P6', 'C3'], {
      stored: null,
      steps: [
        ...upAndLive(HELD),
        ...delivered([42], false),
        serverSends(notification(8, { type: 'system.announcement', data: { text: 'Soon.' } }, 'broadcast')),
        told(at(8, 'broadcast')),
        ...delivered([43], false),
        keeps(position(43, 8)),
      ],
    }),
    session('a channel that the position does not name starts at its head', ['P7'], {
      stored: at(41),
      steps: [...opening({ cursor: at(41) }), connected(HELD, { resumed: true }), ...live(HELD), keeps(HELD)],
    }),
  ];
}

function resumeSessions(): Session[] {
  const opened = [...opening({ cursor: HELD }), connected(HELD, { resumed: true })];
  return [
    session('what was missed comes first, in order, then what is live', ['P7', 'P9', 'C4'], {
      stored: HELD,
      steps: [...opened, ...delivered([42, 43], true), ...live(position(43)), ...delivered([44], false), keeps(position(44))],
    }),
    session('an idle channel resumes, whatever retention has removed', ['P12'], {
      stored: HELD,
      steps: [...opened, ...live(HELD), keeps(HELD)],
    }),
    session('a link that breaks within the replay is resumed from the last message seen', ['P7', 'C3'], {
      stored: HELD,
      steps: [
        ...opened,
        ...delivered([42], true),
        linkBreaks,
        ...opening({ cursor: position(42) }),
        connected(position(42), { resumed: true }),
        ...delivered([43], true),
        ...live(position(43)),
      ],
    }),
    session('a message that was seen before is dropped', ['C3'], {
      stored: HELD,
      steps: [
        ...opened,
        ...delivered([42, 43], true),
        serverSends(notification(42)),
        serverSends(notification(43)),
        keeps(position(43)),
        ...live(position(43)),
        ...delivered([44], false),
      ],
    }),
    session('a number that skips forces a resume from before the gap', ['P9', 'C3'], {
      stored: null,
      steps: [
        ...upAndLive(HELD),
        ...delivered([42], false),
        serverSends(notification(44)),
        keeps(position(42)),
        { client_closes: {} },
        ...opening({ cursor: position(42) }),
        connected(position(42), { resumed: true }),
        ...delivered([43, 44], true),
        ...live(position(44)),
      ],
    }),
  ];
}

function resyncSessions(): Session[] {
  const heads = position(90);
  const refused = ['expired', 'unknown_history', 'malformed', 'reason_of_a_later_version'];
  return [
    ...refused.map((reason) =>
      session(`a position that is not served (${reason}) means: refetch`, ['P8', 'C4'], {
        stored: HELD,
        steps: [
          ...opening({ cursor: HELD }),
          connected(heads, { resumed: false, reason }),
          { client_emits: { event: 'resync', reason } },
          ...live(heads),
          keeps(heads),
          ...delivered([91], false),
        ],
      }),
    ),
    session('after a refetch, numbers may be lower than before: another history', ['P8', 'C3'], {
      stored: HELD,
      steps: [
        ...opening({ cursor: HELD }),
        connected(position(3), { resumed: false, reason: 'unknown_history' }),
        { client_emits: { event: 'resync', reason: 'unknown_history' } },
        ...live(position(3)),
        ...delivered([4], false),
        keeps(position(4)),
      ],
    }),
    session('a mass of changes means: refetch that kind', ['P15b', 'C4'], {
      stored: null,
      steps: [...upAndLive(HELD), ...mass(42), keeps(position(42)), ...delivered([43], false)],
    }),
  ];
}

/** Types that this version does not have: control frames are ignored, notifications count. */
function laterVersionSessions(): Session[] {
  return [
    session('frames of a later version are ignored, and the position still moves', ['P15'], {
      stored: null,
      steps: [
        ...upAndLive(HELD),
        { server_sends: { type: 'weather', wind: 3 } },
        serverSends(notification(42, { type: 'garden.watered' })),
        told(at(42)),
        keeps(position(42)),
      ],
    }),
  ];
}

function mass(seq: number): SessionStep[] {
  return [
    serverSends(notification(seq, { type: 'note.many', data: { count: 2400 } })),
    { client_emits: { event: 'resync', kind: 'note' } },
  ];
}

/** All sessions about positions. */
export function resumeSessionScripts(): Session[] {
  return [...startSessions(), ...resumeSessions(), ...resyncSessions(), ...laterVersionSessions()];
}
