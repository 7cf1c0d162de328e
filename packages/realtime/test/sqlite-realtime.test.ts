/** The layer on one SQLite file: who owns it, what it holds, and what becomes of it when the disk is full. */

import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteRealtime, type SqliteRealtime } from '../src/sqlite-realtime.ts';
import { connectLive } from './support/client.ts';
import { temporaryDatabase } from './support/files.ts';
import { ManualClock } from './support/manual-clock.ts';
import { startHost } from './support/test-host.ts';
import { event, events } from './support/test-log.ts';
import { tokenAuthenticator, tokenOf } from './support/tokens.ts';
import { until } from './support/until.ts';

const authenticator = tokenAuthenticator({ now: Date.now });

function open(path: string): SqliteRealtime {
  const realtime = openSqliteRealtime({ path, authenticator });
  onTestFinished(() => realtime.close());
  return realtime;
}

function rows({ reader }: SqliteRealtime): number | undefined {
  return reader.all<{ rows: number }>('SELECT count(*) AS rows FROM realtime_log')[0]?.rows;
}

test('[I8] a file has one owner at a time; the next one finds what the last one wrote', async () => {
  const path = temporaryDatabase();
  const first = open(path);
  await first.transaction((tx) => first.service.notify(tx, 'ann', event(1)));
  expect(() => openSqliteRealtime({ path, authenticator })).toThrow(`Another process serves ${path}`);
  await first.close();
  const second = open(path);
  expect(rows(second)).toBe(1);
  expect(await second.service.position(['user:ann'])).toMatch(/^user\.1\./);
});

test('a file that cannot be opened leaves nothing open', async () => {
  const path = temporaryDatabase();
  writeFileSync(path, 'this is no database, and long enough to be taken for one'.repeat(100));
  expect(() => openSqliteRealtime({ path, authenticator })).toThrow('not a database');
  expect(() => openSqliteRealtime({ path, authenticator })).toThrow('not a database');
});

test("tables that cannot be made fail the start, and the host's own stay as they were", () => {
  const path = temporaryDatabase();
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE realtime_channel (mine TEXT)');
  expect(() => openSqliteRealtime({ path, authenticator })).toThrow('realtime_channel already exists');
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'realtime%'").all()).toMatchObject([
    { name: 'realtime_channel' },
  ]);
  database.close();
});

test('retention runs by itself', async () => {
  const clock = new ManualClock(setImmediate);
  const { realtime, notify, close } = await startHost({ clock, retention: { maxCount: 10 } });
  await notify('ann', ...events(2_500));
  expect(rows(realtime)).toBe(2_500);
  await until('the pass', () => {
    clock.advance(50);
    return rows(realtime) === 10;
  });
  await close();
  expect(clock.timers).toBe(0);
});

test('[I8][I1] a full disk fails what is under way, announces nothing of it, and is over when there is room again', async () => {
  const host = await startHost();
  const { realtime } = host;
  const client = await connectLive(host, { token: tokenOf('ann') });
  await realtime.transaction((_tx, sql) => sql.run('CREATE TABLE thing (number INTEGER PRIMARY KEY, fill BLOB)'));
  const add = (number: number, bytes: number) =>
    realtime.transaction((tx, sql) => {
      realtime.service.notify(tx, 'ann', event(number));
      sql.run('INSERT INTO thing (number, fill) VALUES (?, zeroblob(?))', [number, bytes]);
    });
  const allow = (pages: number) => realtime.transaction((_tx, sql) => sql.all(`PRAGMA max_page_count = ${pages}`));
  await add(1, 10);
  const pages = realtime.reader.all<{ page_count: number }>('PRAGMA page_count')[0]?.page_count ?? 0;
  await allow(pages + 5);
  const results = await Promise.allSettled([add(2, 10), add(3, 1_000_000), add(4, 10)]);
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { errcode: 13 } });
  await allow(pages + 1_000);
  await add(5, 10);
  expect((await client.notifications(2)).map(({ seq, data }) => [seq, data])).toEqual([
    [1, { number: 1 }],
    [2, { number: 5 }],
  ]);
  await client.roundTrip();
  expect(realtime.reader.all('SELECT number FROM thing')).toMatchObject([{ number: 1 }, { number: 5 }]);
});

test('[I7] an answer does not wait for the delivery', async () => {
  const clock = new ManualClock();
  const host = await startHost({ clock });
  const client = await connectLive(host, { token: tokenOf('ann') });
  await host.notify('ann', event(1));
  // It came although no turn of the pump has.
  expect(client.pending).toEqual([]);
  clock.settle();
  await client.notifications(1);
});

test('close waits for the transactions that are queued', async () => {
  const realtime = open(temporaryDatabase());
  const done: number[] = [];
  for (const number of [1, 2, 3]) {
    void realtime.transaction((tx) => realtime.service.notify(tx, 'ann', event(number))).then(() => done.push(number));
  }
  await realtime.close();
  expect(done).toEqual([1, 2, 3]);
  await expect(realtime.transaction(() => undefined)).rejects.toThrow('not open');
});
