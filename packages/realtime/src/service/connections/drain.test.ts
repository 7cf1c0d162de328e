import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { RecordingTransport } from '../../../test/support/recording-transport.ts';
import { Connection } from './connection.ts';
import { drain } from './drain.ts';

function connections(count: number): Connection[] {
  return Array.from({ length: count }, () => new Connection(new RecordingTransport(), 1_000, 0));
}

test('[P21] connections go in their order, spread evenly over the window', async () => {
  const clock = new ManualClock();
  const all = connections(100);
  const gone: Connection[] = [];
  const done = drain(all, 5_000, clock, (connection) => gone.push(connection));
  expect(gone).toHaveLength(1);
  clock.advance(1_000);
  expect(gone).toHaveLength(21);
  clock.advance(3_000);
  expect(gone).toHaveLength(81);
  clock.advance(1_000);
  await done;
  expect(gone).toEqual(all);
  expect(clock.timers).toBe(0);
});

test('[P21] without a window, or without connections, it is over at once', async () => {
  const clock = new ManualClock();
  const gone: Connection[] = [];
  await drain(connections(3), 0, clock, (connection) => gone.push(connection));
  expect(gone).toHaveLength(3);
  const none = drain([], 1_000, clock, (connection) => gone.push(connection));
  await none;
  expect(gone).toHaveLength(3);
});
