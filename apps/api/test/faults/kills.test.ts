/** A server that is killed over and over under load. Here for a moment; `npm run faults` does it a hundred times. */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { KillRun } from './run/kill-run.ts';

test('[I1] [I3] [P8] [P9] [P10] killed under load: nothing is lost, doubled or out of order, for any kind of listener', {
  timeout: 180_000,
}, async () => {
  const run = new KillRun({
    seed: randomInt(1_000_000),
    kills: 5,
    notifications: 5_000,
    users: 2,
    writersPerUser: 3,
    followers: { steady: 2, slow: 2, cut: 2, wandering: 2 },
  });
  const report = await run.run();
  expect(report.firstViolations, `seed ${report.seed}`).toEqual([]);
  expect(report.kills).toBeGreaterThanOrEqual(5);
  expect(report.delivered).toBeGreaterThanOrEqual(5_000);
  expect(report.unanswered).toBeGreaterThan(0);
});
