/** Bodies that take for ever. The time that a request has is a setting, which is short here. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Target } from './support/target.ts';

const SECONDS = 2;
const within = { timeout: 60_000 };

let target: Target;

beforeAll(async () => {
  target = await Target.start({ FRIDAY_REQUEST_SECONDS: String(SECONDS) });
});
afterAll(async () => {
  expect(await target.end()).toEqual([]);
});

function head(...lines: readonly string[]): string {
  const { token } = target.user;
  const usual = [
    'POST /v1/notes HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Authorization: Bearer ${token}`,
  ];
  return `${[...usual, ...lines].join('\r\n')}\r\n\r\n`;
}

/** @param drip sent every 100 ms behind the start. */
test.each([
  ['a body that stops', 'Content-Length: 1000', '{"content":', ''],
  ['a body byte by byte', 'Content-Length: 1000', '{"content":"', 'x'],
  ['chunks without end', 'Transfer-Encoding: chunked', '1\r\n{\r\n', '1\r\n \r\n'],
  ['no body at all', 'Content-Length: 1000', '', ''],
])('%s: 408 when the time is over, and the connection ends', within, async (_what, line, start, drip) => {
  const begun = performance.now();
  const peer = await target.dial();
  peer.send(head(line) + start);
  const dripping = setInterval(() => peer.send(drip), 100);
  try {
    await target.during(async () => {
      expect(await peer.refusal()).toBe('408 request_timeout');
    });
    expect(performance.now() - begun).toBeGreaterThan(SECONDS * 1000);
    await peer.untilGone();
  } finally {
    clearInterval(dripping);
  }
});
