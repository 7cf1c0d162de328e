import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds after which a test gives up waiting. */
export const DEADLINE_MS = 15_000;
const LOOK_EVERY_MS = 5;

/** Resolves once `condition` holds. Rejects at the deadline, naming what was waited for. */
export async function until(what: string, condition: () => boolean, withinMs = DEADLINE_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for ${what}.`);
    await pause(LOOK_EVERY_MS);
  }
}

/** What `promise` resolves to. Rejects at the deadline, naming what was waited for. */
export async function within<T>(what: string, promise: Promise<T>, ms = DEADLINE_MS): Promise<T> {
  const stop = new AbortController();
  const late = pause(ms, undefined, { signal: stop.signal }).then(
    () => Promise.reject(new Error(`Waited ${ms} ms in vain for ${what}.`)),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
