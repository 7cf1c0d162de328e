/** Whether the checker of fault runs sees what it is there to see: each test tells it a story in which one thing is wrong. */
import { expect, test } from 'vitest';
import type { Answer } from '../../support/rest.ts';
import { Ledger, type Operation, Violations } from './ledger.ts';
import { judge } from './verdict.ts';

interface Story {
  operations: Operation[];
  frames: object[];
  notes: object[];
}

const TIME = '2026-03-01T10:00:00.000Z';

function frame(seq: number, type: string, version: number, origin: string): Record<string, unknown> {
  const resource = { kind: 'note', id: 7, version, href: '/v1/notes/7' };
  return {
    type,
    channel: 'user',
    seq,
    cursor: `user.${seq}.x`,
    time: TIME,
    resource,
    origin,
    ...(version > 1 && { changed: ['content'] }),
  };
}

/** A note that was written and changed, and a change that got no answer and did not happen. */
function whole(): Story {
  return {
    operations: [
      { name: 'a', kind: 'note', action: 'created', id: 7, version: 1, outcome: 'acknowledged' },
      { name: 'b', kind: 'note', action: 'updated', id: 7, version: 2, outcome: 'acknowledged' },
      { name: 'c', kind: 'note', action: 'updated', id: 7, outcome: 'unknown' },
    ],
    frames: [frame(1, 'note.created', 1, 'a'), frame(2, 'note.updated', 2, 'b')],
    notes: [{ id: 7, version: 2, content: 'b' }],
  };
}

async function violationsOf(story: Story): Promise<readonly string[]> {
  const violations = new Violations();
  const ledger = new Ledger('ann', violations);
  for (const operation of story.operations) ledger.operations.set(operation.name, operation);
  for (const [index, text] of story.frames.entries()) ledger.saw('one', index + 1, JSON.stringify(text));
  const lists = async (_method: string, path: string): Promise<Answer> => {
    const items = path.startsWith('/v1/notes') ? story.notes : [];
    const data = { items, pages: 1 };
    return { status: 200, headers: new Headers(), text: '', body: { data, detail: null, message: null, error: null } };
  };
  await judge(ledger, lists, 'token');
  return violations.first;
}

test('a story in which all is well has no violation, also where what got no answer has happened', async () => {
  expect(await violationsOf(whole())).toEqual([]);
  const happened = whole();
  happened.frames.push(frame(3, 'note.updated', 3, 'c'));
  happened.notes = [{ id: 7, version: 3, content: 'c' }];
  expect(await violationsOf(happened)).toEqual([]);
});

test.each<[string, (story: Story) => void, RegExp]>([
  ['an acknowledged write is not announced', (story) => story.frames.pop(), /b was acknowledged, and not announced/],
  ['an acknowledged write is not stored', (story) => story.notes.splice(0), /note 7 is stored as undefined/],
  [
    'a write is announced twice',
    (story) => story.frames.push(frame(3, 'note.updated', 3, 'b')),
    /b, acknowledged, was announced as/,
  ],
  [
    'a write is stored but not announced',
    (story) => story.notes.push({ id: 8, version: 1, content: 'c' }),
    /note 8 is stored, and was not/,
  ],
  [
    'a change is stored but not announced',
    (story) => story.notes.splice(0, 1, { id: 7, version: 3, content: 'c' }),
    /announced as version 2/,
  ],
  [
    'a change is announced but not stored',
    (story) => story.frames.push(frame(3, 'note.updated', 3, 'c')),
    /announced as version 3 by c/,
  ],
  ['versions skip', (story) => story.frames.splice(1, 1, frame(2, 'note.updated', 3, 'b')), /has version 3 after 1/],
  [
    'a refused write is announced',
    (story) => Object.assign(story.operations[1] ?? {}, { outcome: 'refused' }),
    /b, refused, was announced/,
  ],
  ["somebody else's write is announced", (story) => story.operations.splice(1, 1), /tells of nobody's request/],
  [
    'the time falls',
    (story) => Object.assign(story.frames[1] ?? {}, { time: '2026-03-01T09:59:59.999Z' }),
    /the time of number 2/,
  ],
])('it sees that %s', async (_name, spoil, seen) => {
  const story = whole();
  spoil(story);
  expect((await violationsOf(story)).join('\n')).toMatch(seen);
});

test('it sees that two connections were sent different things under the same number', () => {
  const violations = new Violations();
  const ledger = new Ledger('ann', violations);
  ledger.saw('one', 1, '{"seq":1}');
  ledger.saw('two', 1, '{"seq":1,"type":"other"}');
  expect(violations.count).toBe(1);
});
