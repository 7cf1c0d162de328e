import { expect, onTestFinished, test } from 'vitest';
import { temporaryDatabase } from '../../../test/support/files.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { watchCommits } from './commit-watch.ts';
import { openWriter } from './session.ts';

test('commits of other connections are noticed, those of the own one are not', () => {
  const path = temporaryDatabase();
  const [own, other] = [openWriter(path), openWriter(path)];
  onTestFinished(() => {
    own.close();
    other.close();
  });
  const clock = new ManualClock();
  let noticed = 0;
  const stop = watchCommits(own, clock, () => noticed++);
  own.run('CREATE TABLE t (x)', []);
  clock.advance(1_000);
  expect(noticed).toBe(0);
  other.run('INSERT INTO t VALUES (1)', []);
  other.run('INSERT INTO t VALUES (2)', []);
  clock.advance(200);
  expect(noticed).toBe(1);
  clock.advance(1_000);
  expect(noticed).toBe(1);
  stop();
  other.run('INSERT INTO t VALUES (3)', []);
  clock.advance(1_000);
  expect(noticed).toBe(1);
});
