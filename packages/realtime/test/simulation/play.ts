/** Plays a scenario against the code under test. */
import { Commits } from './commits.ts';
import type { DatabaseFolder } from './database.ts';
import { type Peer, UNHURRIED } from './peer.ts';
import type { Scenario, Step } from './scenario.ts';
import type { Subject } from './subject.ts';
import { Visits } from './visits.ts';
import { World } from './world.ts';

const HOUR = 3_600_000;
const LONG = 24 * HOUR;

interface Play {
  readonly world: World;
  readonly commits: Commits;
  readonly visits: Visits;
  /** Goes back to the last copy of the file; undefined before the first was made. */
  restore: (() => void) | undefined;
}

/**
 * Plays all steps, then lets everybody read until nothing is left to do.
 * @throws Violation the first rule that was broken.
 */
export async function play(subject: Subject, folder: DatabaseFolder, scenario: Scenario): Promise<void> {
  const world = new World(subject, folder, scenario);
  const state: Play = { world, commits: new Commits(world), visits: new Visits(world), restore: undefined };
  try {
    for (const { step, turns } of scenario.steps) {
      await take(state, step);
      if (turns === undefined) await world.rest();
      else for (let turn = 0; turn < turns; turn++) await world.turn();
      world.verdict.check();
    }
    await finish(state);
  } finally {
    world.database.close();
  }
}

async function take(state: Play, step: Step): Promise<void> {
  const { world, commits, visits } = state;
  switch (step.do) {
    case 'commit':
      return killIf(state, await commits.commit(step.units, step.route));
    case 'mass':
      return killIf(state, await commits.mass(step.count, step.channel, step.route));
    case 'wake':
      return commits.wake(step.pick, step.times);
    case 'wrongWake':
      return commits.wrongWake(step.channel, step.beyond);
    case 'prune':
      return commits.prune(step, step.whole);
    case 'connect':
      return visits.connect(step);
    case 'leave':
      return visits.leave(step.peer, step.silently);
    case 'say':
      return visits.say(step.peer, step.saying);
    case 'revoke':
      return killIf(state, await commits.revoke(world.peers[step.peer]?.userId ?? '', step.route));
    case 'dismiss':
      return visits.dismiss(step.peer);
    case 'shutdown':
      return shutDown(state);
    case 'pass':
      return world.pass(step.ms);
    default:
      return disturb(state, step);
  }
}

type Disturbance = Exclude<
  Step,
  { do: 'commit' | 'mass' | 'wake' | 'wrongWake' | 'prune' | 'connect' | 'leave' | 'say' | 'revoke' | 'dismiss' | 'pass' }
>;

function disturb(state: Play, step: Disturbance): void {
  const { world } = state;
  switch (step.do) {
    case 'pace':
      return pace(world, step.peer, step.bytes);
    case 'read':
      return read(world, step.peer, step.bytes);
    case 'setClock':
      return world.clock.setBy(step.ms);
    case 'hold':
      return world.node.reader.hold(step.count, step.snapshot);
    case 'answer':
      return world.node.reader.answer(step.count, step.newestFirst);
    case 'failReads':
      return world.node.reader.fail(step.count);
    case 'brokerRestored':
      return world.node.brokerRestored();
    case 'crash':
      return killIf(state, true);
    case 'backup':
      return backup(state);
    case 'restore':
      return state.restore?.();
  }
}

function killIf({ world }: Play, kills: boolean): void {
  if (kills) world.restart(() => world.database.reopen());
}

/** P21: all are asked to go, spread over a while; then another process starts. */
async function shutDown(state: Play): Promise<void> {
  const { world } = state;
  for (const { witness } of world.links) witness.allowed.add('server_draining');
  let asked = false;
  void world.node.service.drain().then(() => {
    asked = true;
  });
  await world.pass(1000 * world.settings.drainSeconds + 100);
  world.verdict.expect(asked, 'P21', () => 'the drain does not end');
  for (const { witness, connection } of world.links) {
    world.verdict.expect(
      !connection || witness.closed !== undefined,
      'P21',
      () => `${witness.principal?.userId} was not asked to go`,
    );
  }
  killIf(state, true);
}

function backup(state: Play): void {
  const { database, ledger, revoked } = state.world;
  database.backup();
  const then = ledger.snapshot();
  const revocations = revoked.snapshot();
  state.restore = () =>
    state.world.restart(() => {
      database.restore();
      ledger.restore(then);
      revoked.restore(revocations);
    });
}

function pace({ peers }: World, place: number, bytes: number): void {
  const peer = peers[place];
  peer?.setPace(bytes);
}

function read(world: World, place: number, bytes: number): void {
  const peer = world.peers[place];
  if (peer) world.read(peer, bytes);
}

/** Everybody reads and comes back; what was lost on the way must have come when all is quiet. */
async function finish(state: Play): Promise<void> {
  const { world } = state;
  world.node.reader.fail(0);
  world.node.reader.hold(0, false);
  for (const peer of world.peers) peer.setPace(UNHURRIED);
  await settle(state);
  world.hintAll();
  await world.rest();
  await gather(state);
  if (world.scenario.emptied) await empty(state);
  const { changes } = world.ledger;
  world.verdict.expect(
    world.database.changes().symmetricDifference(changes).size === 0,
    'P10',
    () => 'data and notifications differ',
  );
  world.verdict.check();
}

/** Long enough for what was held back, tried again, or is only found by comparing with the log (I4). */
function settle({ world }: Play): Promise<void> {
  return world.pass(2_000 * world.settings.reconcileSeconds + 1_000);
}

/** Those who are away come back with their position; then all are where the log is. */
async function gather(state: Play): Promise<void> {
  const { world, visits } = state;
  for (const [place, peer] of world.peers.entries()) {
    const { witness } = peer.link ?? {};
    const lasts = (witness?.principal?.expiresAt ?? 0) > world.clock.now() + HOUR;
    if (witness?.open && !witness.closed && lasts) continue;
    visits.connect({ do: 'connect', peer: place, how: place % 2 === 0 ? 'prepared' : 'frame', from: 'own', pick: 0, ttl: LONG });
  }
  await world.rest();
  await settle(state);
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
async function empty(state: Play): Promise<void> {
  const { world, commits, visits } = state;
  await commits.prune({ maxAgeMs: 0, maxCount: 0 }, true);
  for (const place of world.peers.keys()) visits.leave(place, false);
  await gather(state);
  await commits.commit(
    [{ notifications: [0, 1, 2, 3, 4, 5].map((channel) => ({ channel, size: 'small' })), fails: false }],
    'lost',
  );
  await settle(state);
  world.hintAll();
  await world.rest();
}
