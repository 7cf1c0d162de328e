/** A server that is asked to end tells its clients when to come back, answers what it has begun, and loses nothing. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LiveSocket, openLive } from '../support/live-socket.ts';
import { announcedNotes, expectAgreement, listedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

async function expectSentAway(socket: LiveSocket): Promise<void> {
  expect(await socket.closed).toEqual({ code: 4200, reason: 'server_draining' });
  const last = socket.frames.at(-1);
  if (last?.type !== 'reconnect' || !('after_ms' in last)) throw new Error(`The last frame was ${JSON.stringify(last)}.`);
  expect(last.after_ms).toBeLessThan(1_000);
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s: every client is told to come back, and the exit code is 0', async (signal) => {
  const server = await host.start();
  const users = await Promise.all([registerUser(server.request), registerUser(server.request)]);
  const sockets = await Promise.all([...users, ...users].map(({ token }) => openLive(server.url, { token })));
  expect(await server.stop(signal)).toBe(0);
  await Promise.all(sockets.map(expectSentAway));
  await expect(fetch(server.ownUrl)).rejects.toThrow();
});

test('[I1] [P10] stopped while it writes, it has announced and kept all that it acknowledged', async () => {
  const first = await host.start();
  const { token } = await registerUser(first.request);
  const follower = await openLive(first.url, { token });
  let stopped: Promise<number | null> | undefined;
  const onAcknowledged = (total: number) => {
    if (total === 30) stopped = first.stop();
  };
  const acknowledged = await writeNotes(first.request, { token, count: 1_000_000, atOnce: 8, onAcknowledged });
  expect(await stopped).toBe(0);
  await expectSentAway(follower);

  const second = await host.start();
  const resumed = await openLive(second.url, { token, cursor: follower.position });
  expect(resumed.connected.resumed).toBe(true);
  const announced = announcedNotes([...follower.notifications, ...resumed.notifications]);
  expectAgreement({ announced, listed: await listedNotes(second.request, token), acknowledged });
  await second.stop();
});
