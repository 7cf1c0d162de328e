import { expect, test } from 'vitest';
import { readFrames } from '../../../test/support/frames.ts';
import { frame, headerBytes, Opcode, writeHeader } from './framing.ts';

test.each([
  [0, 2],
  [125, 2],
  [126, 4],
  [65_535, 4],
  [65_536, 10],
])('a payload of %i bytes gets a header of %i', (payload, header) => {
  expect(headerBytes(payload)).toBe(header);
  const whole = frame(Opcode.Text, Buffer.alloc(payload, 'x'));
  expect(whole.length).toBe(header + payload);
  const { frames, rest } = readFrames(whole);
  expect(rest).toHaveLength(0);
  expect(frames).toMatchObject([{ opcode: 1, fin: true }]);
  expect(frames[0]?.payload.equals(Buffer.alloc(payload, 'x'))).toBe(true);
});

test('text is counted in bytes of UTF-8', () => {
  const { frames } = readFrames(frame(Opcode.Text, '{"text":"größer 🙂"}'));
  expect(frames[0]?.payload.toString()).toBe('{"text":"größer 🙂"}');
});

test('pings and pongs carry their opcodes', () => {
  const { frames } = readFrames(Buffer.concat([frame(Opcode.Ping, '7'), frame(Opcode.Pong, Buffer.of(0, 255))]));
  expect(frames.map(({ opcode, payload }) => [opcode, [...payload]])).toEqual([
    [9, [55]],
    [10, [0, 255]],
  ]);
});

test('a header is written at its offset and says where the payload starts', () => {
  const target = Buffer.alloc(8, 0xee);
  expect(writeHeader(target, 3, Opcode.Text, 300)).toBe(7);
  expect([...target]).toEqual([0xee, 0xee, 0xee, 0x81, 126, 1, 44, 0xee]);
});
