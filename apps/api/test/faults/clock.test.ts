/** A server whose wall clock is set while it works, by an hour and by a day, forwards and back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { friday } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { type LiveSocket, openLive } from '../support/live-socket.ts';
import { announcedNotes, expectAgreement, listedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { type Server, ServerHost, type Settings } from '../support/server-host.ts';
import { FakeClock } from './support/fake-clock.ts';

const HOUR_MS = 3_600_000;

let host: ServerHost;
let folder: string;
let clock: FakeClock;

const start = (settings: Settings = {}): Promise<Server> => host.start(settings, { before: clock.before });
const command = (...args: string[]) => friday(args, { FRIDAY_DATA_DIR: host.folder }, { before: clock.before });

/** Resolves once the socket has got so many more heartbeats. */
async function heartbeats(socket: LiveSocket, more: number): Promise<void> {
  const count = () => socket.frames.filter(({ type }) => type === 'heartbeat').length;
  const enough = count() + more;
  await socket.until(`${more} heartbeats`, () => count() >= enough);
}

/** P14: times never fall within a channel. */
function expectRisingTimes({ notifications }: LiveSocket): void {
  for (const channel of ['user', 'broadcast']) {
    const times = notifications.filter((one) => one.channel === channel).map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
  }
}

describe.skipIf(!FakeClock.possible())('a wall clock that is set', () => {
  beforeEach(() => {
    host = new ServerHost();
    folder = mkdtempSync(join(tmpdir(), 'friday-clock-'));
    clock = new FakeClock(join(folder, 'time'));
  });
  afterEach(async () => {
    await host.end();
    rmSync(folder, { recursive: true });
  });

  test('[P9] [P14] [P16] while notes are written: numbers go on, times never fall, and nobody is closed', {
    timeout: 120_000,
  }, async () => {
    const server = await start({ FRIDAY_HEARTBEAT_SECONDS: '1', FRIDAY_TOKEN_MINUTES: '1440' });
    const [writer, idler] = [await registerUser(server.request), await registerUser(server.request)];
    const follower = await openLive(server.url, writer);
    const idle = await openLive(server.url, idler);
    const acknowledged: number[] = [];
    let written = false;
    const writing = (async () => {
      while (!written) acknowledged.push(...(await writeNotes(server.request, { token: writer.token, count: 20, atOnce: 4 })));
    })();
    for (const offset of ['+1h', '-1h', '-1d', '+23h', '+0']) {
      clock.set(offset);
      const seen = follower.notifications.length;
      await follower.first(seen + 50);
      await heartbeats(idle, 2);
      expect((await command('announce', `The clock is at ${offset}.`)).exitCode).toBe(0);
      await idle.until(offset, () => idle.notifications.some(({ data }) => JSON.stringify(data).includes(`at ${offset}.`)));
    }
    written = true;
    await writing;
    await heartbeats(follower, 2);
    const announced = follower.notifications.filter(({ channel }) => channel === 'user');
    const listed = await listedNotes(server.request, writer.token);
    expectAgreement({ announced: announcedNotes(announced), listed, acknowledged });
    expectRisingTimes(follower);
    expectRisingTimes(idle);
    expect(server.log.filter(({ msg }) => msg === 'connection closed')).toEqual([]);
    expect(await command('check')).toMatchObject({ exitCode: 0 });
    const resumed = await openLive(server.url, { ...idler, cursor: idle.position });
    expect(resumed.connected.resumed).toBe(true);
  });

  test('[P19] a token ends by the wall clock: forwards past its end closes with 4001, and a new one resumes', {
    timeout: 60_000,
  }, async () => {
    const server = await start({ FRIDAY_TOKEN_MINUTES: '30' });
    const { token, userSecret } = await registerUser(server.request);
    const before = await openLive(server.url, { token });
    await writeNotes(server.request, { token, count: 3 });
    await before.first(3);
    clock.set('+1d');
    expect(await before.closed).toMatchObject({ code: 4001 });
    expect((await server.request('GET', '/v1/notes', { token })).status).toBe(401);

    const renewed = await server.request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });
    const next = String(renewed.body.data['access_token']);
    await writeNotes(server.request, { token: next, count: 3 });
    const after = await openLive(server.url, { token: next, cursor: before.position });
    expect(after.connected.resumed).toBe(true);
    expect(after.notifications).toHaveLength(3);
    // Back again, a token that was made in the future is good until then, and what is written keeps the time of what was before it.
    clock.set('+0');
    await writeNotes(server.request, { token: next, count: 3 });
    await after.first(6);
    expectRisingTimes(after);
    const expiresAt = Date.parse(after.connected.expires_at);
    expect(expiresAt - Date.now()).toBeGreaterThan(24 * HOUR_MS);
  });

  test('[P8] [P12] retention goes by the wall clock too: what is young by it stays, however it was set in between', {
    timeout: 90_000,
  }, async () => {
    const days = { FRIDAY_RETENTION_DAYS: '1', FRIDAY_TOKEN_MINUTES: '1440' };
    const first = await start(days);
    const [kept, control] = [await registerUser(first.request), await registerUser(first.request)];
    const cursors: string[] = [];
    for (const user of [kept, control]) {
      cursors.push((await openLive(first.url, user)).position);
      await writeNotes(first.request, { token: user.token, count: 5 });
    }
    await first.stop();
    for (const offset of ['+23h', '-1d', '+1h', '+0']) {
      age(host.database, control.id, 96 * HOUR_MS);
      clock.set(offset);
      const server = await start(days);
      await eventually('pass of retention', () => rowsOf(host.database, control.id) === 0);
      expect([offset, rowsOf(host.database, kept.id)]).toEqual([offset, 5]);
      await writeNotes(server.request, { token: control.token, count: 1 });
      await server.stop();
    }
    const last = await start(days);
    const resumed = await openLive(last.url, { ...kept, cursor: String(cursors[0]) });
    expect(resumed.connected.resumed).toBe(true);
    expect(resumed.notifications).toHaveLength(5);
    const expired = await openLive(last.url, { ...control, cursor: String(cursors[1]) });
    expect(expired.connected).toMatchObject({ resumed: false, reason: 'expired' });
  });
});

/** Makes a user's notifications older. The server is stopped. */
function age(path: string, userId: string, ms: number): void {
  const database = new DatabaseSync(path);
  const channel = `(SELECT id FROM realtime_channel WHERE key = 'user:${userId}')`;
  database.exec(`UPDATE realtime_log SET time = time - ${ms} WHERE channel_id = ${channel}`);
  database.close();
}

/** How many of a user's notifications are kept. */
function rowsOf(path: string, userId: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database
    .prepare('SELECT count(*) AS number FROM realtime_log JOIN realtime_channel ON id = channel_id WHERE key = ?')
    .get(`user:${userId}`);
  database.close();
  return Number(row?.['number']);
}
