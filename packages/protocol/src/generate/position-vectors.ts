/** Cases of positions, rule P6, and of how a client's own position moves. */
import { type Cursor, formatPosition } from '../position.ts';
import type { AdvanceCase, PositionCase } from './vector-schema.ts';

const VALID: ReadonlyArray<readonly [name: string, cursors: readonly Cursor[]]> = [
  ['one channel', [{ channel: 'user', seq: 41, tag: 'pX3kQ9-b' }]],
  [
    'two channels',
    [
      { channel: 'user', seq: 41, tag: 'pX3kQ9-b' },
      { channel: 'broadcast', seq: 7, tag: 'Zt_0aWd2' },
    ],
  ],
  ['before the first notification', [{ channel: 'user', seq: 0, tag: 'a0b1c2d3' }]],
  ['the largest number', [{ channel: 'user', seq: Number.MAX_SAFE_INTEGER, tag: 'x' }]],
  ['the shortest names', [{ channel: 'u', seq: 1, tag: '-' }]],
  ['the longest names', [{ channel: `c${'_'.repeat(31)}`, seq: 1, tag: 'T'.repeat(22) }]],
  ['a channel with digits and dashes', [{ channel: 'team-2_b', seq: 9, tag: '_' }]],
  ['eight channels', channels(8)],
];

const MALFORMED: ReadonlyArray<readonly [name: string, text: string]> = [
  ['empty', ''],
  ['a word', 'user'],
  ['no tag', 'user.41'],
  ['an empty tag', 'user.41.'],
  ['an empty number', 'user..x'],
  ['no channel', '.41.x'],
  ['four parts', 'user.41.x.y'],
  ['a leading zero', 'user.041.x'],
  ['a negative number', 'user.-1.x'],
  ['a fraction', 'user.4.1.x'],
  ['an exponent', 'user.4e1.x'],
  ['hexadecimal', 'user.0x29.x'],
  ['digits that are not ASCII', 'user.\u{0664}\u{0661}.x'],
  ['a number past 2^53 - 1', 'user.9007199254740992.x'],
  ['a number of seventeen digits', 'user.10000000000000000.x'],
  ['a channel in capitals', 'User.41.x'],
  ['a channel that begins with a digit', '1user.41.x'],
  ['a channel of 33 characters', `${'c'.repeat(33)}.41.x`],
  ['a tag of 23 characters', `user.41.${'T'.repeat(23)}`],
  ['a tag with a character that is not base64url', 'user.41.x+y'],
  ['a blank before', ' user.41.x'],
  ['a line end behind', 'user.41.x\n'],
  ['one channel twice', 'user.41.x~user.42.y'],
  ['a tilde at the end', 'user.41.x~'],
  ['a tilde at the start', '~user.41.x'],
  ['a comma for the tilde', 'user.41.x,broadcast.7.y'],
  ['a tilde that is still percent-encoded', 'user.41.x%7Ebroadcast.7.y'],
  ['nine channels', formatPosition(channels(9))],
  ['too long', `user.41.${'T'.repeat(2000)}`],
];

const ADVANCES: ReadonlyArray<Omit<AdvanceCase, 'rules'>> = [
  { name: 'the first cursor', position: '', cursor: 'user.1.a', result: 'user.1.a' },
  { name: 'the same channel', position: 'user.1.a', cursor: 'user.2.b', result: 'user.2.b' },
  { name: 'another channel', position: 'user.1.a', cursor: 'broadcast.7.x', result: 'user.1.a~broadcast.7.x' },
  { name: 'the first of two', position: 'user.1.a~broadcast.7.x', cursor: 'user.2.b', result: 'user.2.b~broadcast.7.x' },
  { name: 'the second of two', position: 'user.1.a~broadcast.7.x', cursor: 'broadcast.8.y', result: 'user.1.a~broadcast.8.y' },
  { name: 'a channel whose name begins the same', position: 'user.1.a', cursor: 'users.1.b', result: 'user.1.a~users.1.b' },
  {
    name: 'what follows the first dot is opaque: a form of a later version',
    position: 'user.1.a~broadcast.7.x',
    cursor: 'user.v2:4f.b.c',
    result: 'user.v2:4f.b.c~broadcast.7.x',
  },
];

/** What a server reads from a position. */
export function positionCases(): PositionCase[] {
  return [
    ...VALID.map(([name, cursors]) => ({ name, rules: ['P6'], text: formatPosition(cursors), cursors: [...cursors] })),
    ...MALFORMED.map(([name, text]) => ({ name, rules: ['P6', 'P8'], text, cursors: null })),
  ];
}

/** How a client's position moves with each notification. */
export function advanceCases(): AdvanceCase[] {
  return ADVANCES.map((advance) => ({ ...advance, rules: ['P6', 'C3'] }));
}

function channels(count: number): Cursor[] {
  return Array.from({ length: count }, (_, index) => ({ channel: `c${index}`, seq: index, tag: 't' }));
}
