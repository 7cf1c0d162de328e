import type { Addressed, Transaction } from '@friday/realtime';
import { expect, test } from 'vitest';
import { ChangeAnnouncer } from './changes.ts';
import { Dependents } from './dependents.ts';

const actor = { userId: 'anna', origin: undefined };

function announced(tx: Transaction): unknown[] {
  return tx.notifications.map(({ channel, message }: Addressed) => [channel, JSON.parse(message.json)]);
}

const announcer = new ChangeAnnouncer(
  {
    notify: (tx, userId, message) => tx.notifications.push({ channel: `user:${userId}`, message }),
    broadcast: () => undefined,
    revoke: () => undefined,
  },
  { kind: 'note', collection: '/v1/notes' },
);

test('a change names the resource, the fields as the wire spells them, and the client that caused it', () => {
  const tx: Transaction = { notifications: [] };
  const resource = { id: 7, version: 2 };
  announcer.announce(tx, { actor, resource: { ...resource, version: 1 }, action: 'created' });
  announcer.announce(tx, {
    actor: { userId: 'berta', origin: 'phone' },
    resource,
    action: 'updated',
    changed: ['content', 'processingStatus'],
  });
  const named = { kind: 'note', id: 7, href: '/v1/notes/7' };
  expect(announced(tx)).toEqual([
    ['user:anna', { type: 'note.created', resource: { ...named, version: 1 } }],
    [
      'user:berta',
      { type: 'note.updated', resource: { ...named, version: 2 }, changed: ['content', 'processing_status'], origin: 'phone' },
    ],
  ]);
});

test('who depends on a kind is told of its deletions, in order, and of no other kind', async () => {
  const told: unknown[] = [];
  const dependents = new Dependents();
  const tx: Transaction = { notifications: [] };
  for (const name of ['first', 'second']) {
    dependents.onDelete('note', async (given, by, id) => {
      told.push([name, given === tx, by, id]);
    });
  }
  await dependents.deleting(tx, actor, { kind: 'task', id: 1 });
  expect(told).toEqual([]);
  await dependents.deleting(tx, actor, { kind: 'note', id: 2 });
  expect(told).toEqual([
    ['first', true, actor, 2],
    ['second', true, actor, 2],
  ]);
});
