/**
 * Loaded before each test file: fails the file when it leaves open what keeps a process alive (a socket, a server, a timer, a child
 * process, a worker). What was there before, such as the channel to the test runner, does not count.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll } from 'vitest';

/** How long closing may take after the last test, and how often it is looked at; milliseconds. */
const SETTLE_WITHIN = 2_000;
const LOOK_EVERY = 10;

const PLAIN: Readonly<Record<string, string>> = {
  MessagePort: 'worker thread or message port',
  PipeWrap: "pipe (a child process's output, or a local socket)",
  ProcessWrap: 'child process',
  TCPServerWrap: 'server that still listens',
  TCPSocketWrap: 'TCP connection',
  Timeout: 'timer',
  UDPWrap: 'UDP socket',
};

/** Resources by their kind. Requests under way and immediates end on their own. */
function openResources(): Map<string, number> {
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind in PLAIN);
  return new Map([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

// Both open lazily, and would seem to be left behind by the test that writes first.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
const before = openResources();

function leftBehind(): string[] {
  return [...openResources()].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} × ${PLAIN[kind]}`] : [];
  });
}

afterAll(async () => {
  const deadline = performance.now() + SETTLE_WITHIN;
  while (leftBehind().length > 0 && performance.now() < deadline) await wait(LOOK_EVERY, undefined, { ref: false });
  const left = leftBehind();
  if (left.length > 0)
    throw new Error(`This test file leaves open: ${left.join(', ')}. Close what it opens, in afterEach or afterAll.`);
});
