/** Plays a scenario against the code under test. */

import type { DatabaseFolder } from '../world/database.ts';
import type { Subject } from '../world/subject.ts';
import { read as takeBytes } from '../world/traffic.ts';
import { World } from '../world/world.ts';
import { Commits } from './commits.ts';
import { close, drain } from './ending.ts';
import { finish, type Stage } from './finale.ts';
import type { Scenario, Step } from './scenario.ts';
import { Visits } from './visits.ts';

interface Play extends Stage {
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
    case 'fetch':
      return visits.fetch(step.peer);
    case 'drain':
      await drain(world);
      await close(world);
      return killIf(state, true);
    case 'shutdown':
      await close(world);
      return killIf(state, true);
    case 'pass':
      return world.pass(step.ms);
    default:
      return disturb(state, step);
  }
}

type Disturbance = Exclude<
  Step,
  {
    do:
      | 'commit'
      | 'mass'
      | 'wake'
      | 'wrongWake'
      | 'prune'
      | 'connect'
      | 'leave'
      | 'say'
      | 'fetch'
      | 'revoke'
      | 'dismiss'
      | 'pass'
      | 'drain'
      | 'shutdown';
  }
>;

function disturb(state: Play, step: Disturbance): void {
  const { world } = state;
  switch (step.do) {
    case 'pace':
      return pace(world, step.peer, step.bytes);
    case 'read':
      return read(world, step.peer, step.bytes);
    case 'setClock':
      return world.setClock(step.ms);
    case 'hold':
      return world.node.reader.hold(step.count, step.snapshot);
    case 'holdTokens':
      return world.tokens.hold(step.count);
    case 'answer':
      world.tokens.answer();
      return world.node.reader.answer(step.count, step.newestFirst);
    case 'stall':
      return world.stall(step.ms);
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
  if (peer?.link) takeBytes(world, peer.link, peer, bytes);
}
