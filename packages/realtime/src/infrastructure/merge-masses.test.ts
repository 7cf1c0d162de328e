import { expect, test } from 'vitest';
import { WebSocketMessage } from '../domain/message.ts';
import type { Addressed } from '../domain/ports.ts';
import { mergeMasses } from './merge-masses.ts';

function changes(count: number, kind: string, channel = 'user:ann'): Addressed[] {
  return Array.from({ length: count }, (_, index) => {
    const resource = { kind, id: index + 1, version: 1, href: `/v1/${kind}s/${index + 1}` };
    return { channel, message: new WebSocketMessage({ type: `${kind}.created`, resource }) };
  });
}

const announcement: Addressed = {
  channel: 'broadcast',
  message: new WebSocketMessage({ type: 'system.announcement', data: { text: 'noon' } }),
};

test('[P15b] a thousand changes of one kind are announced one by one', () => {
  const notifications = changes(1_000, 'note');
  expect(mergeMasses(notifications)).toBe(notifications);
});

test('[P15b] more than a thousand of one kind become one, with their count, at the place of the first', () => {
  const [task] = changes(1, 'task');
  const merged = mergeMasses([announcement, ...changes(1_001, 'note'), ...(task ? [task] : [])]);
  expect(merged.map(({ message }) => message.type)).toEqual(['system.announcement', 'note.many', 'task.created']);
  expect(JSON.parse(merged[1]?.message.json ?? '')).toEqual({ type: 'note.many', data: { count: 1_001 } });
});

test('[P15b] kinds and channels are counted apart', () => {
  const all = [...changes(600, 'note'), ...changes(600, 'task'), ...changes(600, 'note', 'user:bob')];
  expect(mergeMasses(all)).toHaveLength(1_800);
  expect(mergeMasses([...changes(1_000, 'note'), ...changes(1, 'task')])).toHaveLength(1_001);
  const merged = mergeMasses([...changes(1_001, 'note'), ...changes(2, 'note', 'user:bob')]);
  expect(merged.map(({ channel, message }) => [channel, message.type])).toEqual([
    ['user:ann', 'note.many'],
    ['user:bob', 'note.created'],
    ['user:bob', 'note.created'],
  ]);
});
