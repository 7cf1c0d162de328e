import { clearInterval, setImmediate, setInterval } from 'node:timers';
import type { Clock } from '../domain/ports.ts';

/** The machine's clock. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  defer: (run) => void setImmediate(run),
  // Ticks wait until no promise has anything more to do.
  soon: (run) => queueMicrotask(() => process.nextTick(run)),
  every: (ms, run) => {
    const timer = setInterval(run, ms).unref();
    return () => clearInterval(timer);
  },
};
