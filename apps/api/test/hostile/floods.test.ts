/** Good things, too many of them: frames that come too fast, and peers that send without reading. */
import { LIMITS } from '@friday/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { CLOSE, clientFrame, closeFrame, PING, PONG, TEXT, textFrame } from './support/frames.ts';
import { GROWTH_BYTES, growthUnder } from './support/growth.ts';
import type { Peer } from './support/peer.ts';
import { Target } from './support/target.ts';

const MIB = 1024 * 1024;
const FRAMES_PER_MINUTE = 60;

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    FRIDAY_RATE_LIMITS: 'on',
    FRIDAY_FRAMES_PER_CONNECTION_PER_MINUTE: String(FRAMES_PER_MINUTE),
    FRIDAY_HANDSHAKES_PER_ADDRESS_PER_MINUTE: '0',
    FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '10000',
    FRIDAY_MAX_CONNECTIONS_PER_USER: '10000',
  });
});
afterEach(() => target.expectServing());
afterAll(async () => expect(await target.end()).toEqual([]));

/** What is sent, all in one go, and the code that closes the connection. */
type Flood = readonly [what: string, bytes: Buffer, code: number];

function flood(what: string, frame: Buffer, times: number, code: number): Flood {
  return [what, Buffer.concat(Array.from({ length: times }, () => frame)), code];
}

const ping = clientFrame({ opcode: PING, payload: 'x'.repeat(125) });
const pong = clientFrame({ opcode: PONG, payload: 'x'.repeat(125) });

const ALWAYS: readonly Flood[] = [
  flood('pings', ping, 5_000, 4102),
  flood('empty pings', clientFrame({ opcode: PING }), 20_000, 4102),
  flood('pongs that nobody asked for', pong, 5_000, 4102),
  flood('empty pongs', clientFrame({ opcode: PONG }), 20_000, 4102),
  flood('close frames', closeFrame(1000), 5_000, 1000),
  flood('close frames without a code', clientFrame({ opcode: CLOSE }), 5_000, 1005),
];
const BEFORE: readonly Flood[] = [
  flood('a megabyte in one frame', clientFrame({ opcode: TEXT, payload: ' '.repeat(MIB) }), 1, 1009),
  flood('a megabyte of frames', clientFrame({ opcode: TEXT, payload: 'x'.repeat(LIMITS.clientFrameBytes) }), 64, 4000),
  flood('a megabyte of messages', textFrame({ type: 'ping' }), 40_000, 4001),
  flood('a megabyte of first frames that hold no good token', textFrame({ type: 'authenticate', token: 'x' }), 20_000, 4000),
  flood('a megabyte of zeros', Buffer.alloc(MIB), 1, 1002),
  flood('a megabyte of ones', Buffer.alloc(MIB, 0xff), 1, 1002),
  flood('a megabyte of HTTP', Buffer.from('GET /v1/ws HTTP/1.1\r\n\r\n'), 40_000, 1002),
];
const AFTER: readonly Flood[] = [
  flood('messages', textFrame({ type: 'ping', ref: 'x'.repeat(64) }), 5_000, 4102),
  flood('messages that are none', textFrame({ type: 'nonsense' }), 5_000, 4000),
  flood('tokens that are none', textFrame({ type: 'authenticate', token: 'x' }), 5_000, 4102),
];

async function expectClosed(peer: Peer, [what, bytes, code]: Flood): Promise<void> {
  peer.send(bytes);
  expect([what, await peer.closeCode()]).toEqual([what, code]);
  peer.socket.end();
  await peer.untilGone();
}

describe('before authentication', () => {
  test.each([...ALWAYS, ...BEFORE])('[P5] a flood of %s closes', async (...each) => {
    await expectClosed(await target.open(), each);
  });
});

describe('after authentication', () => {
  test.each([...ALWAYS, ...AFTER])('a flood of %s closes', async (...each) => {
    await expectClosed(await target.openLive(), each);
  });

  test('frames up to the limit are answered, the next closes with 4102 and says when to come back', async () => {
    const peer = await target.openLive();
    for (let count = 0; count < FRAMES_PER_MINUTE; count += 1) peer.send(textFrame({ type: 'ping', ref: String(count) }));
    peer.send(textFrame({ type: 'ping', ref: 'one too many' }));
    expect(await peer.closeCode()).toBe(4102);
    expect(peer.messages.filter(({ type }) => type === 'pong')).toHaveLength(FRAMES_PER_MINUTE);
    expect(peer.messages.at(-1)).toMatchObject({ type: 'reconnect', after_ms: expect.any(Number) });
  });
});

test.each([
  ['so few that they may have been on their way: its close is taken', 50, 4102],
  ['so many that it does not care: they are not even read', 5_000, 1006],
])('frames that come after the close of the server, %s', async (_what, count, code) => {
  const peer = await target.openLive();
  const id = peer.messages[0]?.['connection_id'];
  const frames = Array.from({ length: FRAMES_PER_MINUTE + 1 + count }, () => textFrame({ type: 'ping' }));
  peer.send(Buffer.concat([...frames, closeFrame(4102)]));
  expect(await peer.closeCode()).toBe(4102);
  peer.socket.end();
  const end = () => target.server.log.find((line) => line['connection_id'] === id && line['msg'] === 'connection closed');
  await eventually('the end of the connection', () => end() !== undefined);
  expect(end()).toMatchObject({ code, reason: 'rate_limited' });
});

test('[I5] floods of all kinds, over and over, by peers of which half read nothing: memory stays where it was', {
  timeout: 60_000,
}, async ({ annotate }) => {
  const floods = [...ALWAYS, ...BEFORE];
  const round = () =>
    Promise.all(
      floods.flatMap((each) => [
        target.open().then((peer) => expectClosed(peer, each)),
        target.open().then((peer) => sendBlindly(peer, each)),
      ]),
    );
  const bytes = 2 * floods.reduce((sum, [, all]) => sum + all.length, 0);
  const { grownBytes, report } = await growthUnder(target, { round, rounds: 16, connections: 2 * floods.length, bytes });
  await annotate(report);
  expect(grownBytes).toBeLessThan(GROWTH_BYTES);
});

/** Sends it all, reads nothing, and breaks off. */
async function sendBlindly(peer: Peer, [, bytes]: Flood): Promise<void> {
  peer.socket.pause();
  await new Promise<void>((resolve) => {
    peer.socket.once('close', () => resolve());
    peer.socket.write(bytes, () => peer.socket.resetAndDestroy());
  });
}
