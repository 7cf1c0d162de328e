/** How a process ends that is not killed. */
import type { World } from '../world/world.ts';

/** Time that peers have to answer the close of a service that ends. */
const GRACE_MS = 1_000;

/** P21: all are asked to go, spread over a while. */
export async function drain(world: World): Promise<void> {
  for (const { witness } of world.links) witness.allowed.add('server_draining');
  const start = world.clock.elapsed;
  const links = [...world.links];
  const slots = world.connections;
  let asked = false;
  void world.node.service.drain().then(() => {
    asked = true;
  });
  await world.pass(1000 * world.settings.drainSeconds + 100);
  const asks = links.flatMap(({ witness: { closed } }) => (closed?.reason === 'server_draining' ? [closed.at - start] : []));
  checkSlots(world, asks, slots);
  world.verdict.expect(asked, 'P21', () => 'the drain does not end');
  for (const { witness, connection } of world.links) {
    world.verdict.expect(
      !connection || witness.closed !== undefined,
      'P21',
      () => `${witness.principal?.userId} was not asked to go`,
    );
  }
}

/** Nobody goes before its slot, so that not all come back at once. @param asks milliseconds after which they were asked to go. */
function checkSlots({ verdict, settings }: World, asks: readonly number[], slots: number): void {
  const slot = (1000 * settings.drainSeconds) / Math.max(1, slots);
  for (const [place, ms] of asks.toSorted((a, b) => a - b).entries()) {
    verdict.expect(
      ms >= Math.floor(place * slot) - 1,
      'P21',
      () => `connection ${place} of ${slots} was asked to go after ${ms} ms`,
    );
  }
}

/** The service ends, with whoever is left, and nothing of it stays behind. */
export async function close(world: World): Promise<void> {
  for (const { witness } of world.links) witness.allowed.add('server_draining');
  let closed = false;
  void world.node.service.close(GRACE_MS).then(() => {
    closed = true;
  });
  await world.pass(2 * GRACE_MS);
  world.verdict.expect(closed, 'P21', () => 'the service does not end');
  world.verdict.expect(world.clock.timers === 0, 'P21', () => `${world.clock.timers} timers are left behind`);
}
