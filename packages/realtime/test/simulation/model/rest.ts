/** What must be true when the process has nothing left to do. */

import { REVOCATION_CHANNEL } from '../../../src/domain/channel.ts';
import type { Principal } from '../../../src/domain/ports.ts';
import type { RealtimeSettings } from '../../../src/domain/settings.ts';
import type { Channel } from '../../../src/service/connections/connection.ts';
import type { Link } from '../world/peer.ts';
import { type Moment, mustClose, ruleOf } from './closings.ts';
import { cursorOf, FRAME_OVERHEAD, type Ledger } from './ledger.ts';
import type { Revoked } from './revoked.ts';
import type { Verdict } from './verdict.ts';

/** The world, as far as it is looked at here. */
interface World {
  readonly verdict: Verdict;
  readonly settings: RealtimeSettings;
  readonly ledger: Ledger;
  readonly links: ReadonlySet<Link>;
  readonly subject: { readonly cache: { bytes(): number } };
  readonly node: { readonly channels: Set<Channel> };
  readonly held: number;
  readonly hasFailedRead: boolean;
  readonly revoked: Revoked;
}

const FIRST_CHUNK = 1_024;

/** Everything that the process knows of has been sent to all who read, and every question has its answer. */
export function checkAtRest(world: World): void {
  const { verdict, settings, ledger, subject } = world;
  // A buffer that grows by doubling is at most twice as large as what it holds.
  const limit = settings.frameCacheBytes + Math.max(FIRST_CHUNK, 2 * ledger.largestPiece);
  const bytes = subject.cache.bytes();
  verdict.expect(bytes <= limit, 'I5', () => `${bytes} bytes of frames are cached, over ${limit}`);
  if (world.held > 0) return;
  checkChannels(world);
  for (const link of world.links) if (link.connection && !link.witness.closed) checkLink(world, link);
}

/** Nobody who has gone is kept in a channel, and nobody who is there has lost it. */
function checkChannels({ verdict, links, node }: World): void {
  const followers = new Map<Channel, number>([...node.channels].map((channel) => [channel, 0]));
  for (const { connection } of links) {
    for (const { channel } of connection?.subscriptions ?? []) followers.set(channel, (followers.get(channel) ?? 0) + 1);
  }
  for (const [channel, count] of followers) {
    node.channels.add(channel);
    const { key, subscriptions, users } = channel;
    const isRight = subscriptions.size === count && users === count;
    verdict.expect(
      isRight,
      'I5',
      () => `${key} is kept for ${users} and delivers to ${subscriptions.size}, but ${count} follow it`,
    );
  }
}

function checkLink(world: World, link: Link): void {
  const { verdict } = world;
  const { witness, socket } = link;
  const { progress, owed, demanded } = witness;
  verdict.expect(demanded === undefined, 'P19', () => `not closed as ${demanded}`);
  if (!progress) return;
  const ended = witness.principal !== undefined && isRevoked(world, witness.principal, witness.revoked);
  verdict.expect(
    !ended || world.hasFailedRead,
    'P20',
    () => `the tokens of ${witness.principal?.userId} are void, but it is connected`,
  );
  verdict.expect(witness.open, 'P7', () => `neither connected nor closed: ${witness.principal?.userId}`);
  if (!socket.writable) return;
  verdict.expect(owed.length === 0, 'P13', () => `${owed.map(({ type }) => type).join()} never came`);
  verdict.expect(witness.pingedWith === undefined, 'P1', () => 'a ping has no pong');
  verdict.expect(progress.live || !progress.mustBeLive, 'P7', () => 'the heads are reached, but live did not come');
  if (!world.hasFailedRead) checkBehind(world, link);
}

/** Of a revocation that retention has removed, only those hear who were there. */
function isRevoked({ revoked, ledger }: World, principal: Principal, wasThere: boolean): boolean {
  return revoked.isKnownToEnd(principal, ledger.floor(REVOCATION_CHANNEL)) || (wasThere && revoked.isKnownToEnd(principal, 1));
}

/** A connection that takes bytes may be behind only where its window has no room for one of the notifications that come next. */
function checkBehind({ verdict, settings }: World, { witness }: Link): void {
  const { flow, progress, principal } = witness;
  if (!progress || progress.due.length === 0) return;
  const sizes = progress.coming.map(({ json }) => Buffer.byteLength(json) + FRAME_OVERHEAD);
  const waits = flow.waitingSince !== undefined && sizes.some((bytes) => flow.inFlight + bytes > settings.windowBytes);
  const due = progress.due.map(cursorOf);
  verdict.expect(waits, 'I4', () => `${principal?.userId} was not sent ${due}, and nothing stands in the way`);
}

/** Which connections a sweep that begins now must close, and why. */
export function dueClosings({ links, settings }: World, then: Moment): Map<Link, string> {
  const due = new Map<Link, string>();
  for (const link of links) {
    const why = link.connection && !link.witness.closed && mustClose(link.witness, then, settings);
    if (why) due.set(link, why);
  }
  return due;
}

/** Time limits, to within a sweep: P2, P16, P19, P22. @param closings that were due when it began. */
export function checkAfterSweep(world: World, then: Moment, closings: ReadonlyMap<Link, string>): void {
  const { verdict, settings } = world;
  for (const link of world.links) {
    const { witness, socket, connection } = link;
    if (!connection || witness.closed) continue;
    const due = closings.get(link);
    verdict.expect(
      due === undefined,
      due === 'unauthenticated' ? 'P2' : ruleOf(due === 'token_expired' ? 4001 : 4103),
      () => `not closed as ${due}`,
    );
    if (!witness.open || !socket.writable) continue;
    const silent = then.monotonic - witness.lastWrite;
    verdict.expect(silent < settings.heartbeatSeconds * 1000, 'P16', () => `${silent} ms of silence`);
    const ending = then.wall >= (witness.principal?.expiresAt ?? 0) - settings.tokenExpiringSeconds * 1000;
    verdict.expect(!ending || witness.expiryTold, 'P19', () => 'the end of the token was not announced');
  }
  verdict.check();
}
