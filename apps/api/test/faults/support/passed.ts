import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when so much time has passed, where passing time is itself what is tried: how long something was stopped, or went on. */
export async function passed(ms: number): Promise<void> {
  await pause(ms);
}
