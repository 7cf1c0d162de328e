import { expect, test } from 'vitest';
import { events, openTestLog } from '../../test/support/test-log.ts';
import { LogSize } from './log-size.ts';
import { Retention } from './retention.ts';
import { systemClock } from './system-clock.ts';

test('an empty log has no rows', async () => {
  const { reader } = openTestLog();
  expect(await new LogSize(reader).look()).toEqual({ rows: 0, bytes: 0 });
});

test('what retention has removed is not counted, and a channel without rows counts as none', async () => {
  const database = openTestLog();
  const size = new LogSize(database.reader);
  await database.commit('user:ann', ...events(7));
  await database.commit('user:bob', ...events(5));
  const { rows, bytes } = await size.look();
  expect(rows).toBe(12);
  expect(bytes).toBeGreaterThan(12 * 50);
  expect(bytes).toBeLessThan(12 * 200);
  await new Retention({ clock: systemClock, maxAgeMs: 1e15, maxCount: 2 }).prune(database.writer);
  expect(await size.look()).toMatchObject({ rows: 4 });
  await new Retention({ clock: systemClock, maxAgeMs: 1e15, maxCount: 0 }).prune(database.writer);
  expect(await size.look()).toEqual({ rows: 0, bytes: 0 });
});

test('many channels are gone over in slices, and each walk is whole', async () => {
  const database = openTestLog();
  const channels = Array.from({ length: 450 }, (_, user) => `user:${user}`);
  const notifications = channels.flatMap((channel) => events(2).map((message) => ({ channel, message })));
  database.writer.run('BEGIN IMMEDIATE');
  await database.log.append(database.writer, [{ notifications }]);
  database.writer.run('COMMIT');
  const size = new LogSize(database.reader);
  let looks = 0;
  while ((await size.look()).rows < 900) looks++;
  expect(looks).toBeLessThan(3);
  for (let look = 0; look < 5; look++) expect((await size.look()).rows).toBe(900);
});
