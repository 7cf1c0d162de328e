/** How each run ends: what was lost on the way must have come when all is quiet. */

import { type Peer, UNHURRIED } from '../world/peer.ts';
import type { World } from '../world/world.ts';
import type { Commits } from './commits.ts';
import type { Visits } from './visits.ts';

const HOUR = 3_600_000;
const LONG = 24 * HOUR;
/** Time after which all channels are compared in any case. */
const FULL_PASS_MS = 600_000;
const PAUSE_MS = 20_000;

/** A world, and who acts in it. */
export interface Stage {
  readonly world: World;
  readonly commits: Commits;
  readonly visits: Visits;
}

/** Everybody reads and comes back; what was lost on the way must have come when all is quiet. */
export async function finish(stage: Stage): Promise<void> {
  const { world } = stage;
  world.node.reader.fail(0);
  world.node.reader.hold(0, false);
  world.tokens.hold(0);
  for (const peer of world.peers) peer.setPace(UNHURRIED);
  await settle(stage);
  world.hintAll();
  await world.rest();
  await gather(stage);
  if (world.scenario.emptied) await empty(stage);
  const { changes } = world.ledger;
  world.verdict.expect(
    world.database.changes().symmetricDifference(changes).size === 0,
    'P10',
    () => 'data and notifications differ',
  );
  world.verdict.check();
}

/** Long enough for what was held back, tried again, or is only found by comparing with the log (I4). */
async function settle({ world }: Stage): Promise<void> {
  const passMs = 1_000 * world.settings.reconcileSeconds;
  // Standing still brings that time about with less work, and is too short to be noticed.
  for (let waited = 0; world.clockDeceives && waited < FULL_PASS_MS; waited += PAUSE_MS + passMs) {
    world.stall(PAUSE_MS);
    await world.pass(passMs);
  }
  world.forgetClockSteps();
  await world.pass(2 * passMs + 1_000);
}

/** Those who are away come back with their position; then all are where the log is. */
async function gather(stage: Stage): Promise<void> {
  const { world, visits } = stage;
  for (const [place, peer] of world.peers.entries()) {
    const { witness } = peer.link ?? {};
    const lasts = (witness?.principal?.expiresAt ?? 0) > world.clock.now() + HOUR;
    if (witness?.open && !witness.closed && lasts) continue;
    visits.connect({ do: 'connect', peer: place, how: place % 2 === 0 ? 'prepared' : 'frame', from: 'own', pick: 0, ttl: LONG });
  }
  await world.rest();
  await settle(stage);
  for (const peer of world.peers) checkArrived(world, peer);
  world.verdict.check();
}

function checkArrived({ verdict, ledger }: World, peer: Peer): void {
  const { userId, link } = peer;
  verdict.expect(
    link?.witness.progress?.live === true,
    'P10',
    () => `${userId} is not live in the end, ${JSON.stringify(link?.witness.closed)}`,
  );
  for (const channel of link?.witness.principal?.channels ?? []) {
    const head = ledger.head(channel);
    verdict.expect(
      peer.seq(channel) === head,
      'P10',
      () => `${userId} has read ${channel} up to ${peer.seq(channel)} of ${head}`,
    );
  }
}

/** P12: nothing is kept, and still everybody resumes; what comes next, comes. */
async function empty(stage: Stage): Promise<void> {
  const { world, commits, visits } = stage;
  await commits.prune({ maxAgeMs: 0, maxCount: 0 }, true);
  for (const place of world.peers.keys()) visits.leave(place, false);
  await gather(stage);
  await commits.commit(
    [{ notifications: [0, 1, 2, 3, 4, 5].map((channel) => ({ channel, size: 'small' })), fails: false }],
    'lost',
  );
  await settle(stage);
  world.hintAll();
  await world.rest();
}
