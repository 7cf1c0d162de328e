import { expect, test } from 'vitest';
import { readFrames } from '../../../test/support/frames.ts';
import { Window } from './window.ts';

function payloadOf(ping: Buffer): Buffer {
  const [frame] = readFrames(ping).frames;
  expect(frame?.opcode).toBe(9);
  return frame?.payload ?? Buffer.alloc(0);
}

test('[P22] what is in flight is bounded, and the pong of the ping behind it makes room again', () => {
  const window = new Window(1_000, 0);
  window.add(400);
  window.add(600);
  expect(window.room).toBe(0);
  window.full = true;
  const ping = payloadOf(window.ping(5));
  expect(window.awaitsPong).toBe(true);
  expect(window.pong(ping)).toBe(true);
  expect(window.room).toBe(1_000);
  expect(window.full).toBe(false);
  expect(window.awaitsPong).toBe(false);
});

test('[P22] a ping is wanted at three quarters of the window, and again as far behind the last', () => {
  const window = new Window(1_000, 0);
  window.add(749);
  expect(window.wantsPing).toBe(false);
  window.add(1);
  expect(window.wantsPing).toBe(true);
  const ping = payloadOf(window.ping(5));
  expect(window.wantsPing).toBe(false);
  window.add(200);
  window.pong(ping);
  expect(window.wantsPing).toBe(false);
  window.add(550);
  expect(window.wantsPing).toBe(true);
});

test('[P22] a pong tells of what came before its ping, and of nothing behind', () => {
  const window = new Window(1_000, 0);
  window.add(300);
  const ping = payloadOf(window.ping(5));
  window.add(500);
  window.pong(ping);
  expect(window.room).toBe(500);
});

test('pongs that answer no ping that waits change nothing', () => {
  const window = new Window(1_000, 0);
  expect(window.pong(Buffer.from('1'))).toBe(false);
  window.add(300);
  const first = payloadOf(window.ping(5));
  expect(window.pong(Buffer.from('0'))).toBe(false);
  expect(window.pong(Buffer.from('2'))).toBe(false);
  expect(window.pong(first)).toBe(true);
  expect(window.pong(first)).toBe(false);
  window.ping(6);
  expect(window.pong(first)).toBe(false);
});

test('[P22] a ping that waits beside notifications ends in too_slow, one that waits alone in heartbeat_timeout', () => {
  const window = new Window(1_000, 100);
  expect(window.overdue(1e9, 60, 50)).toBeUndefined();
  expect(window.pingedAt).toBe(100);
  const alone = payloadOf(window.ping(200));
  expect(window.overdue(249, 60, 50)).toBeUndefined();
  expect(window.overdue(250, 60, 50)).toBe('heartbeat_timeout');
  window.pong(alone);
  window.add(10);
  window.ping(300);
  expect(window.overdue(359, 60, 50)).toBeUndefined();
  expect(window.overdue(360, 60, 50)).toBe('too_slow');
});
