/** What activities do once something keeps moments, and once something processes them. */
import { systemClock } from '@friday/realtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ActivityParts, openActivities } from '../../test/support/activities.ts';
import { type Activity, type ActivityMoment, type MomentLookup, NO_MOMENTS } from '../domain/activity.ts';
import { showActivity } from '../schemas/activity.schema.ts';
import { ActivityService } from './activity.service.ts';
import { ChangeAnnouncer } from './changes.ts';
import { Dependents } from './dependents.ts';

const given = {
  name: 'Run',
  description: 'A run outdoors',
  activitySchema: { type: 'object', properties: {} },
  icon: '🏃',
  color: '#2e7d32',
};
let parts: ActivityParts;
let dependents: Dependents;

beforeEach(() => {
  parts = openActivities();
  dependents = new Dependents();
});
afterEach(() => parts.close());

function serviceWith(moments: MomentLookup<unknown>): ActivityService {
  const { activities, unitOfWork, notifications } = parts;
  const changes = new ChangeAnnouncer(notifications, { kind: 'activity', collection: '/v1/activities' });
  return new ActivityService({ activities, moments, unitOfWork, changes, dependents, clock: systemClock });
}

/** Moments in a list of their own. */
function keeping(moments: readonly ActivityMoment[]): MomentLookup<unknown> {
  return {
    count: async (ids) => new Map(ids.map((id) => [id, moments.filter(({ activityId }) => activityId === id).length])),
    list: async (id) => moments.filter(({ activityId }) => activityId === id),
  };
}

test('the moments of an activity are shown with it, and in lists only counted', async () => {
  const { owner } = parts;
  const moments: ActivityMoment[] = [];
  const service = serviceWith(keeping(moments));
  const { activity } = await service.create(owner, given);
  const moment = { activityId: activity.id, data: { km: 5 }, userId: owner.userId, timestamp: 3_000, createdAt: 4_000 };
  moments.push({ ...moment, id: 1, updatedAt: null }, { ...moment, id: 2, updatedAt: 5_000 });
  const shown = {
    activity_id: activity.id,
    data: { km: 5 },
    timestamp: '1970-01-01T00:00:03Z',
    user_id: owner.userId,
    created_at: '1970-01-01T00:00:04Z',
  };
  const expected = {
    moment_count: 2,
    moments: [
      { ...shown, id: 1, updated_at: null },
      { ...shown, id: 2, updated_at: '1970-01-01T00:00:05Z' },
    ],
  };
  expect(showActivity(await service.get(owner, activity.id))).toMatchObject(expected);
  expect(showActivity(await service.update(owner, activity.id, { name: 'Walk' }))).toMatchObject({ ...expected, name: 'Walk' });
  const { items } = await service.list(owner, { page: 1, size: 10 });
  expect(items.map(showActivity)).toMatchObject([{ moment_count: 2, moments: [] }]);
});

test('[P15] what belongs to an activity goes with it, announced after it', async () => {
  const { owner } = parts;
  const service = serviceWith(NO_MOMENTS);
  const { activity } = await service.create(owner, given);
  const moments = new ChangeAnnouncer(parts.notifications, { kind: 'moment', collection: '/v1/moments' });
  dependents.onDelete('activity', async (tx, actor, id) => {
    const resource = { id: id + 100, version: 2 };
    moments.announce(tx, { actor, resource, action: 'deleted' });
  });
  await service.delete(owner, activity.id);
  expect(await parts.announced()).toMatchObject([
    { type: 'activity.created' },
    { type: 'activity.deleted', resource: { id: activity.id, version: 2 }, origin: 'a-client' },
    { type: 'moment.deleted', resource: { id: activity.id + 100 } },
  ]);
});

test('[P10] a deletion that fails half-way is not announced, and nothing is deleted', async () => {
  const { owner } = parts;
  const service = serviceWith(NO_MOMENTS);
  const { activity } = await service.create(owner, given);
  dependents.onDelete('activity', async () => {
    throw new Error('The moments stay.');
  });
  await expect(service.delete(owner, activity.id)).rejects.toThrow('The moments stay.');
  expect((await service.get(owner, activity.id)).activity).toEqual(activity);
  expect(await parts.announced()).toHaveLength(1);
});

test('[P15] trying again what failed is a change like any other', async () => {
  const { owner } = parts;
  const service = serviceWith(NO_MOMENTS);
  const { activity } = await service.create(owner, given);
  await expect(service.retryProcessing(owner, activity.id)).rejects.toMatchObject({ code: 'ACTIVITY_NOT_FAILED' });
  const failed: Activity = { ...activity, processingStatus: 'failed', version: 2 };
  await parts.unitOfWork.run((tx) => parts.activities.update(tx, failed));
  await expect(service.retryProcessing(owner, activity.id, [1])).rejects.toMatchObject({ code: 'version_mismatch' });
  expect(await service.retryProcessing(owner, activity.id, [2])).toBe(`activity-${activity.id}-3`);
  expect(await service.getProcessing(owner, activity.id)).toMatchObject({ processingStatus: 'pending', version: 3 });
  const [, retried] = await parts.announced();
  expect(retried).toMatchObject({ type: 'activity.updated', resource: { version: 3 }, changed: ['processing_status'] });
});
