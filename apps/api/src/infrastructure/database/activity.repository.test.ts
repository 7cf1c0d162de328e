import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ActivityParts, openActivities } from '../../../test/support/activities.ts';
import { type Activity, draftActivity, retryActivity } from '../../domain/activity.ts';
import type { SqlActivityRepository } from './activity.repository.ts';

let parts: ActivityParts;
let activities: SqlActivityRepository;
let owner: string;

beforeEach(() => {
  parts = openActivities();
  activities = parts.activities;
  owner = parts.owner.userId;
});
afterEach(() => parts.close());

function insert(name: string): Promise<Activity> {
  const activitySchema = { type: 'object', properties: { z: { type: 'number' }, a: { type: 'string' } }, $comment: '\ud800' };
  const draft = draftActivity(owner, { name, description: 'd\u0000', activitySchema, icon: '🏃', color: '#abcdef' }, 5_000);
  return parts.unitOfWork.run((tx) => activities.insert(tx, draft));
}

function update(activity: Activity): Promise<void> {
  return parts.unitOfWork.run((tx) => activities.update(tx, activity));
}

test('what is written is read, the order of keys included', async () => {
  const inserted = await insert('Run');
  const found = await activities.find(owner, inserted.id);
  expect(found).toEqual(inserted);
  expect(JSON.stringify(found?.activitySchema)).toBe(JSON.stringify(inserted.activitySchema));
});

test("another user's activity is not found, nor listed", async () => {
  const { id } = await insert('Run');
  expect(await activities.find('stranger', id)).toBeUndefined();
  expect(await activities.list('stranger', { page: 1, size: 10 })).toEqual({ items: [], total: 0 });
});

test('lists are in the order of numbers, and in pages', async () => {
  for (const name of ['c', 'a', 'b']) await insert(name);
  const { items, total } = await activities.list(owner, { page: 1, size: 2 });
  expect([items.map(({ name }) => name), total]).toEqual([['c', 'a'], 3]);
  const last = await activities.list(owner, { page: 2, size: 2 });
  expect(last.items.map(({ name }) => name)).toEqual(['b']);
});

test('processing that failed is kept, and can be tried again', async () => {
  const inserted = await insert('Run');
  const failed: Activity = { ...inserted, processingStatus: 'failed', schemaRender: { formatted: 'x' }, processedAt: 6_000 };
  await update(failed);
  const found = await activities.find(owner, inserted.id);
  expect(found).toEqual(failed);
  await update(retryActivity(failed, 7_000).activity);
  expect(await activities.find(owner, inserted.id)).toMatchObject({ processingStatus: 'pending', version: 2, updatedAt: 7_000 });
});

test('only the activity that is meant is changed or deleted', async () => {
  const [first, second] = [await insert('a'), await insert('b')];
  await update({ ...first, name: 'changed' });
  expect(await activities.find(owner, second.id)).toEqual(second);
  await parts.unitOfWork.run((tx) => activities.delete(tx, first));
  expect(await activities.find(owner, first.id)).toBeUndefined();
  expect(await activities.find(owner, second.id)).toEqual(second);
});
