import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 15_000;
const LOOK_EVERY_MS = 10;

/** Resolves once the condition holds, for what sends no event. Rejects at the deadline. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`There was no ${what} in time.`);
    await pause(LOOK_EVERY_MS);
  }
}
