/**
 * `npm run faults -- --kills 100 --notifications 1000000 [--seed 7]`: kills a server under load over and over, and looks whether anything
 * was lost, doubled or out of order. Exit code 1 when it was; 2 when the options make no sense.
 */
import { parseArgs } from 'node:util';
import { type KillReport, KillRun } from './run/kill-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    notifications: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** Ends the program where the text is no whole number above 0. */
function positive(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} is a whole number above 0.\n`);
  process.exit(2);
}

function line({ kills, delivered, acknowledged, unanswered, sessions, violations, seconds }: KillReport): string {
  return `${kills} kills, ${delivered} notifications delivered in ${sessions} connections, ${acknowledged} writes acknowledged, \
${unanswered} unanswered, ${violations} violations, ${seconds} s`;
}

const seed = positive('seed', values.seed);
process.stdout.write(`seed ${seed}\n`);
const run = new KillRun({
  seed,
  kills: positive('kills', values.kills),
  notifications: positive('notifications', values.notifications),
  users: 5,
  writersPerUser: 4,
  followers: { steady: 12, slow: 3, cut: 3, wandering: 2 },
  onProgress: (report) => process.stderr.write(`${line(report)}\n`),
});
const report = await run.run();
for (const violation of report.firstViolations) process.stdout.write(`${violation}\n`);
process.stdout.write(`${line(report)}\n`);
process.exitCode = report.violations > 0 ? 1 : 0;
