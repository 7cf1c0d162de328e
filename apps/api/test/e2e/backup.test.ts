/** A restored backup: what was written after it never happened, and clients that saw it are told so. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLive } from '../support/live-socket.ts';
import { announcedNotes, listedNotes, writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test('[P8] a position from after the backup is unknown history, one from before it resumes', { timeout: 60_000 }, async () => {
  const first = await host.start();
  const { token } = await registerUser(first.request);
  const follower = await openLive(first.url, { token });
  await writeNotes(first.request, { token, count: 5 });
  await follower.first(5);
  const beforeBackup = follower.position;
  await writeNotes(first.request, { token, count: 5 });
  await follower.first(10);
  expect(await first.stop()).toBe(0);
  const backup = takeBackup(host);

  const second = await host.start();
  const later = await openLive(second.url, { token, cursor: follower.position });
  expect(later.connected.resumed).toBe(true);
  const lost = await writeNotes(second.request, { token, count: 3 });
  await later.first(3);
  await second.kill();
  restore(host, backup);

  const third = await host.start();
  const resume = async (cursor: string) => (await openLive(third.url, { token, cursor })).connected;
  const unknown = { resumed: false, reason: 'unknown_history' };
  expect(await resume(later.position)).toMatchObject(unknown);
  // The log gets as long as it was, with other history: the number exists again, the tag does not.
  const instead = await writeNotes(third.request, { token, count: 3 });
  expect(instead).toEqual(lost);
  expect(await resume(later.position)).toMatchObject(unknown);

  const older = await openLive(third.url, { token, cursor: beforeBackup });
  expect(older.connected.resumed).toBe(true);
  const listed = await listedNotes(third.request, token);
  expect(announcedNotes(older.notifications)).toEqual(listed.slice(5));
  await third.stop();
});

/** A copy of the database, taken by SQLite itself. */
function takeBackup({ database, folder }: ServerHost): string {
  const backup = join(folder, 'backup.db');
  const source = new DatabaseSync(database);
  source.prepare('VACUUM INTO ?').run(backup);
  source.close();
  return backup;
}

/** As the operator would: the old file in the place of the new one, whose write-ahead log goes with it. */
function restore({ database }: ServerHost, backup: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(database + end, { force: true });
  copyFileSync(backup, database);
}
