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

function openAll(url: string, token: string): Promise<LiveSocket[]> {
  return Promise.all(Array.from({ length: SOCKETS }, () => openLive(url, { token })));
}
