/** A server that is killed while it writes loses nothing of what it acknowledged, and announces nothing that it does not have. */
import { randomInt } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLive } from '../support/live-socket.ts';
import { announcedNotes, expectAgreement, listedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test('[I1] [P8] [P9] [P10] notes written while the client is away are announced once and in order, through kill -9', {
  timeout: 60_000,
}, async () => {
  const first = await host.start();
  const { token } = await registerUser(first.request);
  const before = await openLive(first.url, { token });
  const [seen] = await writeNotes(first.request, { token, count: 1 });
  await before.first(1);
  await before.close();

  const onAcknowledged = (total: number) => {
    if (total === 50) void first.kill();
  };
  const acknowledged = await writeNotes(first.request, { token, count: 100, atOnce: 8, onAcknowledged });
  await first.kill();
  expect(acknowledged.length).toBeLessThan(100);
  const second = await host.start();
  const rest = await writeNotes(second.request, { token, count: 100 - acknowledged.length, atOnce: 8 });

  const after = await openLive(second.url, { token, cursor: before.position });
  expect(after.connected).toMatchObject({ resumed: true, cursor: before.position });
  expect(after.frames.map(({ type }) => type)).toEqual(['connected', ...after.notifications.map(() => 'note.created'), 'live']);
  const listed = await listedNotes(second.request, token);
  const announced = [Number(seen), ...announcedNotes(after.notifications)];
  expectAgreement({ announced, listed, acknowledged: [...acknowledged, ...rest] });
  expect(announced.length).toBeGreaterThanOrEqual(101);
  await after.close();
});

test('[I1] [P9] [P10] a client that follows through ten crashes misses nothing and sees nothing twice', {
  timeout: 90_000,
}, async () => {
  let server = await host.start();
  const { token } = await registerUser(server.request);
  const announced: number[] = [];
  const acknowledged: number[] = [];
  const moments: number[] = [];
  let cursor: string | undefined;
  for (let crash = 0; crash < 10; crash += 1) {
    const socket = await openLive(server.url, { token, cursor });
    expect(socket.connected.resumed, `after ${moments}`).toBe(cursor !== undefined);
    const moment = randomInt(1, 120);
    moments.push(moment);
    const onAcknowledged = (total: number) => {
      if (total === moment) void killLater(() => server.kill());
    };
    acknowledged.push(...(await writeNotes(server.request, { token, count: 1_000_000, atOnce: 8, onAcknowledged })));
    expect(await socket.closed).toMatchObject({ code: 1006 });
    announced.push(...announcedNotes(socket.notifications));
    cursor = socket.position;
    server = await host.start();
  }
  const socket = await openLive(server.url, { token, cursor });
  announced.push(...announcedNotes(socket.notifications));
  expectAgreement({ announced, listed: await listedNotes(server.request, token), acknowledged });
  await socket.close();
});

/** Not always at the same place of a commit, which begins when a turn of the event loop ends. */
async function killLater(kill: () => Promise<void>): Promise<void> {
  for (let turns = randomInt(20); turns > 0; turns -= 1) await turn();
  await kill();
}
