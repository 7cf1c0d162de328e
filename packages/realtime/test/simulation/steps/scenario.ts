/** What happens in one run: settings and steps, drawn at random, that fast-check can shrink. */
import fc from 'fast-check';
import { UNHURRIED } from '../world/peer.ts';

/**
 * How the process hears of what was committed: at once; as late as from a database on another machine, and perhaps twice; by a wake-up,
 * now or later; not at all; or it is killed before. `full`: at once, but the disk had no room, so that some or all of it may have failed.
 */
export type Route = 'local' | 'tardy' | 'wake' | 'late' | 'lost' | 'killed' | 'full';

/** One notification: in which channel, and how large. */
export interface Draft {
  readonly channel: number;
  readonly size: 'small' | 'medium' | 'large';
}

export interface UnitDraft {
  readonly notifications: readonly Draft[];
  readonly fails: boolean;
}

/**
 * Which position a client gives when it connects; `past` is one of the log as it is, that the client may never have had; `fetched` came
 * with a REST read.
 */
export type From = 'own' | 'fetched' | 'none' | 'older' | 'past' | 'foreign' | 'forged';

/** How a peer proves who it is: on the upgrade; by its first frame; not at all; or the upgrade breaks off in the end. `url`: by a frame, its position in the URL. */
export type How = 'prepared' | 'frame' | 'url' | 'silent' | 'badToken' | 'abandoned';

export type Saying =
  | 'ping'
  | 'pings'
  | 'wsPing'
  | 'wsPong'
  | 'renew'
  | 'renewBriefly'
  | 'otherUser'
  | 'badToken'
  | 'nonsense'
  | 'noJson'
  | 'binary';

export type Step =
  | { readonly do: 'commit'; readonly units: readonly UnitDraft[]; readonly route: Route }
  | { readonly do: 'mass'; readonly count: number; readonly channel: number; readonly route: Route }
  | { readonly do: 'wake'; readonly pick: number; readonly times: number }
  | { readonly do: 'wrongWake'; readonly channel: number; readonly beyond: number }
  | { readonly do: 'prune'; readonly maxAgeMs: number; readonly maxCount: number; readonly whole: boolean }
  | ConnectStep
  | { readonly do: 'leave'; readonly peer: number; readonly silently: boolean }
  | { readonly do: 'pace'; readonly peer: number; readonly bytes: number }
  | { readonly do: 'read'; readonly peer: number; readonly bytes: number }
  | { readonly do: 'say'; readonly peer: number; readonly saying: Saying }
  | { readonly do: 'dismiss'; readonly peer: number }
  | { readonly do: 'revoke'; readonly peer: number; readonly route: Route }
  | { readonly do: 'fetch'; readonly peer: number }
  | { readonly do: 'pass' | 'stall'; readonly ms: number }
  | { readonly do: 'setClock'; readonly ms: number }
  | { readonly do: 'hold'; readonly count: number; readonly snapshot: boolean }
  | { readonly do: 'answer'; readonly count: number; readonly newestFirst: boolean }
  | { readonly do: 'failReads' | 'holdTokens'; readonly count: number }
  | { readonly do: 'brokerRestored' | 'crash' | 'shutdown' | 'drain' | 'backup' | 'restore' };

export interface ConnectStep {
  readonly do: 'connect';
  readonly peer: number;
  readonly how: How;
  readonly from: From;
  /** Chooses among older, past, foreign or forged positions. */
  readonly pick: number;
  /** Milliseconds until the token ends. */
  readonly ttl: number;
}

/** A step, and how many turns of the event loop run after it; all that are due where it is undefined. */
export interface Timed {
  readonly step: Step;
  readonly turns: number | undefined;
}

export interface Scenario {
  readonly heartbeatSeconds: number;
  readonly slowReaderSeconds: number;
  readonly reconcileSeconds: number;
  readonly windowBytes: number;
  readonly frameCacheBytes: number;
  readonly kernelBytes: number;
  readonly highWaterBytes: number;
  /** Milliseconds that each look at the clock takes. */
  readonly readingMs: number;
  /** Whether the channels have a past. */
  readonly aged: boolean;
  /** Whether retention removes everything in the end. */
  readonly emptied: boolean;
  readonly steps: readonly Timed[];
}

const MAX_STEPS = 60;

const peer = fc.nat(4);
const draft: fc.Arbitrary<Draft> = fc.record({
  channel: fc.nat(5),
  size: fc.constantFrom('small', 'small', 'small', 'medium', 'large'),
});
const unit: fc.Arbitrary<UnitDraft> = fc.record({
  notifications: fc.array(draft, { minLength: 1, maxLength: 5 }),
  fails: fc.constantFrom(false, false, false, false, true),
});
const route: fc.Arbitrary<Route> = weighted([
  [10, 'local'],
  [3, 'tardy'],
  [4, 'wake'],
  [4, 'late'],
  [3, 'lost'],
  [1, 'killed'],
  [2, 'full'],
]);
const saying: fc.Arbitrary<Saying> = weighted([
  [6, 'ping'],
  [1, 'pings'],
  [4, 'wsPing'],
  [3, 'wsPong'],
  [5, 'renew'],
  [2, 'renewBriefly'],
  [1, 'otherUser'],
  [1, 'badToken'],
  [2, 'nonsense'],
  [1, 'noJson'],
  [1, 'binary'],
]);

const connect: fc.Arbitrary<ConnectStep> = fc.record({
  do: fc.constant('connect'),
  peer,
  how: weighted<How>([
    [10, 'prepared'],
    [10, 'frame'],
    [3, 'url'],
    [1, 'silent'],
    [1, 'badToken'],
    [2, 'abandoned'],
  ]),
  from: weighted<From>([
    [12, 'own'],
    [3, 'fetched'],
    [3, 'none'],
    [5, 'older'],
    [5, 'past'],
    [2, 'foreign'],
    [3, 'forged'],
  ]),
  pick: fc.nat(40),
  ttl: fc.constantFrom(86_400_000, 86_400_000, 86_400_000, 3_000),
});

const steps: ReadonlyArray<[weight: number, step: fc.Arbitrary<Step>]> = [
  [30, fc.record({ do: fc.constant('commit'), units: fc.array(unit, { minLength: 1, maxLength: 3 }), route })],
  [1, fc.record({ do: fc.constant('mass'), count: fc.constantFrom(140, 140, 300, 300, 1000, 1001), channel: fc.nat(5), route })],
  [8, fc.record({ do: fc.constant('wake'), pick: fc.nat(9), times: fc.integer({ min: 1, max: 2 }) })],
  [2, fc.record({ do: fc.constant('wrongWake'), channel: fc.nat(6), beyond: fc.constantFrom(1, 2, 200) })],
  [
    5,
    fc.record({
      do: fc.constant('prune'),
      maxAgeMs: fc.constantFrom(0, 1_000, 10_000, 3_600_000),
      maxCount: fc.constantFrom(0, 1, 3, 10, 100, 1_000_000),
      whole: fc.boolean(),
    }),
  ],
  [22, connect],
  [5, fc.record({ do: fc.constant('leave'), peer, silently: fc.boolean() })],
  [7, fc.record({ do: fc.constant('pace'), peer, bytes: fc.constantFrom(0, 400, 1_500, 2_500, UNHURRIED) })],
  [6, fc.record({ do: fc.constant('read'), peer, bytes: fc.constantFrom(1, 500, 5_000, 100_000) })],
  [8, fc.record({ do: fc.constant('say'), peer, saying })],
  [1, fc.record({ do: fc.constant('dismiss'), peer })],
  [3, fc.record({ do: fc.constant('revoke'), peer, route })],
  [12, fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1, 100, 250, 1_000, 3_000, 6_000, 6_000, 70_000) })],
  [
    3,
    fc.record({
      do: fc.constant('setClock'),
      ms: fc.constantFrom(-40_000, -20_000, -3_000, 3_000, 20_000, 40_000, 100_000, 4_000_000),
    }),
  ],
  [6, fc.record({ do: fc.constant('hold'), count: fc.integer({ min: 1, max: 6 }), snapshot: fc.boolean() })],
  [5, fc.record({ do: fc.constant('answer'), count: fc.integer({ min: 1, max: 4 }), newestFirst: fc.boolean() })],
  [3, fc.record({ do: fc.constant('fetch'), peer })],
  [2, fc.record({ do: fc.constant('stall'), ms: fc.constantFrom(500, 20_000, 70_000) })],
  [2, fc.record({ do: fc.constant('holdTokens'), count: fc.integer({ min: 1, max: 3 }) })],
  [3, fc.record({ do: fc.constant('failReads'), count: fc.constantFrom(1, 2, 3, 300, 300) })],
  [3, fc.record({ do: fc.constantFrom('brokerRestored', 'crash', 'shutdown', 'drain', 'backup', 'backup', 'restore') })],
];

const timed: fc.Arbitrary<Timed> = fc.record({
  step: fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  turns: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
});

/** Scenarios; a set of settings near the limits, where most faults live. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  heartbeatSeconds: fc.constantFrom(1, 2, 25),
  slowReaderSeconds: fc.constantFrom(3, 60),
  reconcileSeconds: fc.constantFrom(1, 5),
  windowBytes: fc.constantFrom(2_000, 2_000, 8_000, 65_536, 65_536),
  frameCacheBytes: fc.constantFrom(1, 4_000, 30_000, 33_554_432),
  kernelBytes: fc.constantFrom(0, 2_000, 100_000),
  highWaterBytes: fc.constantFrom(1, 1_500, 16_384),
  readingMs: fc.constantFrom(0, 0, 1),
  aged: fc.boolean(),
  emptied: fc.boolean(),
  steps: fc.array(timed, { maxLength: MAX_STEPS, size: 'max' }),
});

function weighted<Value>(choices: ReadonlyArray<readonly [number, Value]>): fc.Arbitrary<Value> {
  return fc.constantFrom(...choices.flatMap(([weight, value]) => Array.from({ length: weight }, () => value)));
}
