import { describe, expect, test } from 'vitest';
import {
  ACTIVITY_CHARACTERS,
  type Activity,
  type ActivityChanges,
  activityJob,
  changeActivity,
  draftActivity,
  NO_MOMENTS,
  retryActivity,
} from './activity.ts';
import { FridayError } from './errors.ts';

const given = {
  name: 'Run',
  description: 'A run outdoors',
  activitySchema: { type: 'object', properties: { km: { type: 'number', minimum: 0 } } },
  icon: '🏃',
  color: '#2E7d32',
};
const render = { title: 'Run', formatted: '{km} km' };
const activity: Activity = { id: 7, ...draftActivity('someone', given, 1_000) };
const processed: Activity = { ...activity, processingStatus: 'completed', schemaRender: render, processedAt: 1_500 };

/** The error that `work` throws. */
function thrown(work: () => unknown): FridayError {
  try {
    work();
  } catch (error) {
    if (error instanceof FridayError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('a draft', () => {
  test('waits for processing, at version 1', () => {
    expect(draftActivity('someone', given, 1_000)).toEqual({
      ...given,
      userId: 'someone',
      processingStatus: 'pending',
      schemaRender: null,
      processedAt: null,
      createdAt: 1_000,
      updatedAt: null,
      version: 1,
    });
  });

  test.each([
    ['name', '', 'name must not be empty'],
    ['description', '', 'description must not be empty'],
    ['icon', '', 'icon must not be empty'],
    ['name', 'x'.repeat(256), 'name must have at most 255 characters'],
    ['description', 'x'.repeat(10_001), 'description must have at most 10000 characters'],
    ['icon', 'x'.repeat(256), 'icon must have at most 255 characters'],
    ['color', '', 'color must be # and six hex digits'],
    ['color', 'red', 'color must be # and six hex digits'],
    ['color', '#12345', 'color must be # and six hex digits'],
    ['color', '#1234567', 'color must be # and six hex digits'],
    ['color', '#12345g', 'color must be # and six hex digits'],
    ['color', '#123456\n', 'color must be # and six hex digits'],
    ['activitySchema', { type: 'object' }, 'activity_schema.properties must be an object'],
  ])('with the %s %j is refused', (field, value, fault) => {
    const error = thrown(() => draftActivity('someone', { ...given, [field]: value }, 1_000));
    expect(error).toMatchObject({ code: 'ACTIVITY_INVALID', message: `Failed to create activity: ${fault}` });
    expect(error.entry.status).toBe(400);
    const changes: ActivityChanges = { [field]: value };
    expect(thrown(() => changeActivity(activity, changes, 2_000)).message).toBe(`Failed to update activity: ${fault}`);
  });

  test.each(['name', 'description', 'icon'] as const)('counts characters of the %s, not their bytes', (field) => {
    const longest = '👋'.repeat(ACTIVITY_CHARACTERS[field]);
    expect(draftActivity('someone', { ...given, [field]: longest }, 1_000)[field]).toBe(longest);
  });

  test('is refused with all faults at once', () => {
    const error = thrown(() =>
      draftActivity('someone', { name: '', description: '', activitySchema: {}, icon: '', color: '' }, 1),
    );
    expect(error.message).toBe(
      'Failed to create activity: name must not be empty; description must not be empty; activity_schema.type must be "object"; ' +
        'activity_schema.properties must be an object; icon must not be empty; color must be # and six hex digits',
    );
    expect(error.detail).toEqual({ code: 'ACTIVITY_INVALID', message: error.message });
  });

  test('is refused with no more faults than one can read', () => {
    const properties = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, {}]));
    const error = thrown(() => draftActivity('someone', { ...given, activitySchema: { type: 'object', properties } }, 1));
    expect(error.message).toMatch(/; activity_schema\.properties\.p9 must have a type or a \$ref; 490 more faults$/);
  });
});

describe('a change', () => {
  test('[P15] raises the version, and names the fields that differ', () => {
    const result = changeActivity(activity, { name: 'Walk', color: given.color }, 2_000);
    expect(result).toEqual({ activity: { ...activity, name: 'Walk', updatedAt: 2_000, version: 2 }, changed: ['name'] });
  });

  test('[P15] that changes nothing gives the same activity', () => {
    const reordered = { properties: { km: { minimum: 0, type: 'number' } }, type: 'object' };
    const result = changeActivity(processed, { ...given, activitySchema: reordered }, 2_000);
    expect(result).toEqual({ activity: processed, changed: [] });
    expect(changeActivity(activity, {}, 2_000).activity).toBe(activity);
  });

  test('of the schema has it processed anew', () => {
    const activitySchema = { type: 'object', properties: {} };
    const { activity: after, changed } = changeActivity(processed, { activitySchema }, 2_000);
    expect(after).toMatchObject({ activitySchema, processingStatus: 'pending', schemaRender: null, processedAt: null });
    expect(changed).toEqual(['activitySchema', 'processingStatus', 'schemaRender', 'processedAt']);
    expect(changeActivity(activity, { activitySchema }, 2_000).changed).toEqual(['activitySchema']);
  });

  test('of anything else does not', () => {
    const { activity: after } = changeActivity(processed, { name: 'Walk' }, 2_000);
    expect(after).toMatchObject({ processingStatus: 'completed', schemaRender: render, processedAt: 1_500 });
  });
});

describe('processing', () => {
  test.each(['failed', 'skipped'] as const)('is tried again after it has %s', (processingStatus) => {
    const result = retryActivity({ ...activity, processingStatus }, 2_000);
    expect(result.activity).toEqual({ ...activity, processingStatus: 'pending', updatedAt: 2_000, version: 2 });
    expect(result.changed).toEqual(['processingStatus']);
  });

  test.each(['not_processed', 'pending', 'processing', 'completed'] as const)(
    'is not tried again while %s',
    (processingStatus) => {
      const error = thrown(() => retryActivity({ ...activity, processingStatus }, 2_000));
      expect(error).toMatchObject({ code: 'ACTIVITY_NOT_FAILED', message: 'Activity 7 is not in a failed state' });
      expect(error.entry.status).toBe(400);
    },
  );

  test('has a name that no other version has', () => {
    expect(activityJob(activity)).not.toBe(activityJob({ ...activity, version: 2 }));
    expect(activityJob(activity)).not.toBe(activityJob({ ...activity, id: 8 }));
  });
});

test('without moments there are none', async () => {
  expect(await NO_MOMENTS.count([1])).toEqual(new Map());
  expect(await NO_MOMENTS.list(1)).toEqual([]);
});
