/** What retention removes, and what it leaves. */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openLive } from '../support/live-socket.ts';
import { announcedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

const KEPT = 1000;
const DAY_MS = 86_400_000;

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test('[P8] [P12] with too many notifications the oldest go: their positions have expired, others resume', {
  timeout: 60_000,
}, async () => {
  const settings = { FRIDAY_RETENTION_COUNT: String(KEPT) };
  const first = await host.start(settings);
  const { token } = await registerUser(first.request);
  const idle = await registerUser(first.request);
  const [early, idleCursor] = [await positionAfter(first, token, 10), await positionAfter(first, idle.token, 1)];
  const middle = await positionAfter(first, token, 500);
  await positionAfter(first, token, 990);
  expect(await first.stop()).toBe(0);

  // The pass at the start removes what is too much.
  const second = await host.start(settings);
  await rowsLeft(host, KEPT + 1);
  const expired = await openLive(second.url, { token, cursor: early });
  expect(expired.connected).toMatchObject({ resumed: false, reason: 'expired' });
  expect(expired.notifications).toEqual([]);
  const resumed = await openLive(second.url, { token, cursor: middle });
  expect(resumed.connected.resumed).toBe(true);
  expect(resumed.notifications).toHaveLength(990);
  const waiting = await openLive(second.url, { token: idle.token, cursor: idleCursor });
  expect(waiting.connected).toMatchObject({ resumed: true, cursor: idleCursor });
  await second.stop();
});

test('[P12] a channel whose notifications are all too old is empty, and still resumes at its head', {
  timeout: 60_000,
}, async () => {
  const first = await host.start();
  const { token } = await registerUser(first.request);
  const older = await positionAfter(first, token, 2);
  const head = await positionAfter(first, token, 3);
  expect(await first.stop()).toBe(0);
  makeOlder(host, 8 * DAY_MS);

  const second = await host.start({ FRIDAY_RETENTION_DAYS: '7' });
  await rowsLeft(host, 0);
  const resumed = await openLive(second.url, { token, cursor: head });
  expect(resumed.connected).toMatchObject({ resumed: true, cursor: head });
  const expired = await openLive(second.url, { token, cursor: older });
  expect(expired.connected).toMatchObject({ resumed: false, reason: 'expired', cursor: head });
  const [id] = await writeNotes(second.request, { token, count: 1 });
  expect(announcedNotes(await resumed.first(1))).toEqual([id]);
  expect(resumed.notifications).toMatchObject([{ seq: 6 }]);
  await second.stop();
});

/** Writes notes. @returns the position after them. */
async function positionAfter({ request }: Server, token: string, count: number): Promise<string> {
  await writeNotes(request, { token, count, atOnce: 32 });
  return (await request('GET', '/v1/notes?size=1', { token })).headers.get('friday-cursor') ?? '';
}

/** Dates all notifications back, while no server runs. */
function makeOlder({ database }: ServerHost, ms: number): void {
  const file = new DatabaseSync(database);
  file.prepare('UPDATE realtime_log SET time = time - ?').run(ms);
  file.close();
}

/** Resolves once the log has no more rows than these, as seen from outside of the server. */
async function rowsLeft({ database }: ServerHost, most: number): Promise<void> {
  const file = new DatabaseSync(database, { readOnly: true });
  const count = file.prepare('SELECT count(*) AS rows FROM realtime_log');
  try {
    await eventually(`end of retention at ${most} rows`, () => Number(count.get()?.['rows']) <= most);
  } finally {
    file.close();
  }
}
