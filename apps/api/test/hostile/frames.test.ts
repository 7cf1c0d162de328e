/** Frames that no WebSocket library sends, before and after authentication: each gets its close code, and nobody else notices. */
import { LIMITS } from '@friday/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  clientFrame,
  closeFrame,
  type FrameParts,
  PING,
  PONG,
  TEXT,
  textFrame,
} from './support/frames.ts';
import { GROWTH_BYTES, growthUnder } from './support/growth.ts';
import type { Peer } from './support/peer.ts';
import { Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await Target.start({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '10000' });
});
afterAll(async () => expect(await target.end()).toEqual([]));

/** What is sent, and the code that closes the connection. */
type Attack = readonly [what: string, bytes: Buffer, code: number];

const unfinished = clientFrame({ opcode: TEXT, payload: '{', fin: false });

function closes(what: string, parts: FrameParts, code = 1002): Attack {
  return [what, clientFrame(parts), code];
}

const OPCODES: readonly Attack[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
  closes(`the opcode ${opcode}`, { opcode }),
);
const RESERVED: readonly Attack[] = [1, 2, 3, 4, 5, 6, 7].map((reserved) =>
  closes(`the reserved bits ${reserved}`, { opcode: TEXT, payload: '{}', reserved }),
);
const CONTROL: readonly Attack[] = [CLOSE, PING, PONG].flatMap((opcode) => [
  closes(`a control frame ${opcode} in fragments`, { opcode, fin: false }),
  closes(`a control frame ${opcode} of 126 bytes`, { opcode, payload: 'x'.repeat(126) }),
  closes(`a control frame ${opcode} with a reserved bit`, { opcode, reserved: 4 }),
]);
const MASKS: readonly Attack[] = [TEXT, BINARY, CLOSE, PING, PONG].map((opcode) =>
  closes(`a frame ${opcode} that is not masked`, { opcode, payload: '{}', masked: false }),
);
const LENGTHS: readonly Attack[] = [
  closes('a frame of one byte too many', { opcode: TEXT, payload: 'x'.repeat(LIMITS.clientFrameBytes + 1) }, 1009),
  closes('a length of 65,536 bytes that never come', { opcode: TEXT, claims: 65_536n }, 1009),
  closes('a length of 53 bits', { opcode: TEXT, claims: 2n ** 53n - 1n }, 1009),
  closes('a length of 63 bits', { opcode: TEXT, claims: 2n ** 63n - 1n }, 1009),
  closes('a length of 64 bits', { opcode: BINARY, claims: 2n ** 64n - 1n }, 1009),
  closes('a ping with a length of 63 bits', { opcode: PING, claims: 2n ** 63n - 1n }),
];
const FRAGMENTS: readonly Attack[] = [
  closes('a continuation of nothing', { opcode: CONTINUATION, payload: '{}' }),
  ['a message that begins within another', Buffer.concat([unfinished, textFrame({})]), 1002],
  ['fragments of a megabyte in all', Buffer.concat([unfinished, ...fragments(1024, 1024)]), 1009],
  ['a hundred thousand empty fragments', Buffer.concat([unfinished, ...fragments(100_000, 0)]), 1008],
  ['a message in 200 small fragments', Buffer.concat([unfinished, ...fragments(200, 10)]), 1008],
];
const TEXTS: readonly Attack[] = [
  closes('a text that is not UTF-8', { opcode: TEXT, payload: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }, 1007),
  closes('a text with half a surrogate pair', { opcode: TEXT, payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }, 1007),
  closes('a text with an overlong zero', { opcode: TEXT, payload: Buffer.from([0x22, 0xc0, 0x80, 0x22]) }, 1007),
];
const CLOSES: readonly Attack[] = [
  closes('a close of one byte', { opcode: CLOSE, payload: 'x' }),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
    (code): Attack => [`a close with the code ${code}`, closeFrame(code), 1002],
  ),
  ['a close whose reason is not UTF-8', closeFrame(1000, Buffer.from([0xff])), 1007],
];
const ATTACKS = [...OPCODES, ...RESERVED, ...CONTROL, ...MASKS, ...LENGTHS, ...FRAGMENTS, ...TEXTS, ...CLOSES];

function fragments(count: number, bytes: number): Buffer[] {
  const one = clientFrame({ opcode: CONTINUATION, payload: 'x'.repeat(bytes), fin: false });
  return Array.from({ length: count }, () => one);
}

async function expectClosed(peer: Peer, [what, bytes, code]: Attack): Promise<void> {
  peer.send(bytes);
  expect([what, await peer.closeCode()]).toEqual([what, code]);
  peer.socket.end();
  await peer.untilGone();
}

describe.each([
  ['before authentication', () => target.open()],
  ['after authentication', () => target.openLive()],
] as const)('%s', (_when, open) => {
  test.each(ATTACKS)('[P1] %s closes with its code, and only this connection', async (...attack) => {
    await expectClosed(await open(), attack);
    await target.expectServing();
  });

  test('a frame that comes byte by byte is given up long before its bytes are held one by one', async () => {
    const codes = new Set<number>();
    // On a busy machine bytes may arrive together: then another connection tries.
    for (let tries = 0; tries < 5 && !codes.has(1008); tries += 1) {
      const peer = await open();
      codes.add(await codeAfterEachByte(peer, clientFrame({ opcode: TEXT, payload: ' '.repeat(LIMITS.clientFrameBytes) })));
    }
    expect(codes).toContain(1008);
  });

  test('[P13] a binary frame closes with 4000', async () => {
    const peer = await open();
    peer.send(clientFrame({ opcode: BINARY, payload: Buffer.from([0, 1, 2, 3]) }));
    expect(await peer.closeCode()).toBe(4000);
  });
});

/** Sends all but the last byte, one at a time. @returns the code of the server's close, 0 where there was none. */
async function codeAfterEachByte(peer: Peer, bytes: Buffer): Promise<number> {
  for (let at = 0; at < bytes.length - 1 && peer.frames.at(-1)?.opcode !== CLOSE; at += 1) {
    await new Promise<void>((resolve) => peer.socket.write(bytes.subarray(at, at + 1), () => setImmediate(resolve)));
  }
  return peer.frames.at(-1)?.opcode === CLOSE ? peer.closeCode() : 0;
}

test('[I5] all of them, over and over: memory stays where it was, and notes still arrive', { timeout: 60_000 }, async ({
  annotate,
}) => {
  const { grownBytes, report } = await growthUnder(target, {
    round: () => Promise.all(ATTACKS.map(async (attack) => expectClosed(await target.open(), attack))),
    rounds: 60,
    connections: ATTACKS.length,
    bytes: ATTACKS.reduce((sum, [, bytes]) => sum + bytes.length, 0),
  });
  await annotate(report);
  expect(grownBytes).toBeLessThan(GROWTH_BYTES);
});
