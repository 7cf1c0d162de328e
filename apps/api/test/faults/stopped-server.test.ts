/** A server that is stopped for a while with all its connections, as a machine that is suspended or swaps: SIGSTOP, then SIGCONT. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LiveSocket, openLive } from '../support/live-socket.ts';
import { announcedNotes, expectAgreement, listedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';
import { passed } from './support/passed.ts';

const SOCKETS = 40;
let host: ServerHost;

beforeEach(() => {
  host = new ServerHost('none');
});
afterEach(() => host.end());

test.each([
  ['for less than a heartbeat, ten times', 10, 300],
  ['for longer than two heartbeats, four times', 4, 3_000],
  ['for longer than any limit of a connection', 1, 8_000],
])(
  '[P9] [P16] stopped %s: nothing is lost, and no connection that still answers is closed',
  { timeout: 120_000 },
  async (_, times, ms) => {
    const server = await host.start({
      FRIDAY_HEARTBEAT_SECONDS: '1',
      FRIDAY_SLOW_READER_SECONDS: '3',
      FRIDAY_AUTH_TIMEOUT_SECONDS: '2',
    });
    const [writer, idler] = [await registerUser(server.request), await registerUser(server.request)];
    const followers = await openAll(server.url, writer.token);
    const idle = await openAll(server.url, idler.token);
    const acknowledged: number[] = [];
    let written = false;
    const writing = (async () => {
      while (!written) acknowledged.push(...(await writeNotes(server.request, { token: writer.token, count: 20, atOnce: 4 })));
    })();
    for (let stop = 0; stop < times; stop += 1) {
      const seen = Math.max(...followers.map(({ notifications }) => notifications.length));
      await Promise.all(followers.map((follower) => follower.first(seen + 20)));
      process.kill(server.pid, 'SIGSTOP');
      await passed(ms);
      process.kill(server.pid, 'SIGCONT');
    }
    written = true;
    await writing;
    const listed = await listedNotes(server.request, writer.token);
    for (const follower of followers) {
      expectAgreement({ announced: announcedNotes(await follower.first(listed.length)), listed, acknowledged });
    }
    await Promise.all(
      idle.map((socket) => socket.until('a heartbeat after it', () => socket.frames.at(-1)?.type === 'heartbeat')),
    );
    expect(server.log.filter(({ msg }) => msg === 'connection closed')).toEqual([]);
  },
);

test('[P16] stopped while it pings, for longer than pings may wait: it reads the answers before it judges', {
  timeout: 60_000,
}, async () => {
  const server = await host.start({ FRIDAY_HEARTBEAT_SECONDS: '2', FRIDAY_MAX_CONNECTIONS_PER_USER: '1000' });
  const { token } = await registerUser(server.request);
  const sockets = await openAll(server.url, token, 400);
  for (let stop = 0; stop < 2; stop += 1) {
    const [first] = sockets;
    const before = sockets.map(heartbeats);
    // It has told the first of a new heartbeat, and is about to tell the rest.
    await first?.until('a heartbeat', () => heartbeats(first) > Number(before[0]));
    process.kill(server.pid, 'SIGSTOP');
    await passed(4_600);
    process.kill(server.pid, 'SIGCONT');
    const all = (socket: LiveSocket, index: number) =>
      socket.until('a heartbeat after it', () => heartbeats(socket) > Number(before[index]) + 1);
    await Promise.all(sockets.map(all));
  }
  expect(server.log.filter(({ msg }) => msg === 'connection closed')).toEqual([]);
});

function heartbeats({ frames }: LiveSocket): number {
  return frames.filter(({ type }) => type === 'heartbeat').length;
}

function openAll(url: string, token: string, count = SOCKETS): Promise<LiveSocket[]> {
  return Promise.all(Array.from({ length: count }, () => openLive(url, { token })));
}
