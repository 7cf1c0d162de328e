import { ACTIVITY_ERRORS, NO_MOMENTS } from '../domain/activity.ts';
import { SqlActivityRepository } from '../infrastructure/database/activity.repository.ts';
import { ACTIVITIES_MIGRATION } from '../infrastructure/database/migrations/0005-activities.ts';
import { activitiesRouter } from '../routers/activities.router.ts';
import { ActivityService } from '../services/activity.service.ts';
import { ChangeAnnouncer } from '../services/changes.ts';
import type { Resource } from './resource.ts';

const name = { kind: 'activity', collection: '/v1/activities' } as const;

export const activities: Resource = {
  ...name,
  description: 'What a user does again and again, each with a schema of what to write down.',
  errors: ACTIVITY_ERRORS,
  migrations: [ACTIVITIES_MIGRATION],
  examples: {
    create: {
      name: 'Run',
      description: 'A run outdoors',
      activity_schema: { type: 'object', properties: { km: { type: 'number' } } },
      icon: '🏃',
      color: '#2E7d32',
    },
    update: {
      name: 'Walk',
      description: 'A walk outdoors',
      activity_schema: { type: 'object', properties: { km: { $ref: '#/$defs/length' } }, $defs: { length: { type: 'number' } } },
      icon: '🚶',
      color: '#1565c0',
    },
  },
  build({ database, unitOfWork, notifications, dependents, position, clock }) {
    const service = new ActivityService({
      activities: new SqlActivityRepository(database),
      moments: NO_MOMENTS,
      unitOfWork,
      changes: new ChangeAnnouncer(notifications, name),
      dependents,
      clock,
    });
    return activitiesRouter({ activities: service, position });
  },
};
