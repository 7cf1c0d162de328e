import { REALTIME_MIGRATION } from '@friday/realtime';
import type { Migration } from './infrastructure/database/migrate.ts';
import { USERS_MIGRATION } from './infrastructure/database/migrations/0002-users.ts';
import { IDENTITIES_MIGRATION } from './infrastructure/database/migrations/0006-identities.ts';
import { REMOVALS_MIGRATION } from './infrastructure/database/migrations/0007-removals.ts';
import { RESOURCES } from './resource-list.ts';

/** All steps of the schema: the notification layer's, the users', and each resource's own. */
export function allMigrations(): readonly Migration[] {
  const realtime: Migration = { id: 1, name: 'realtime', up: REALTIME_MIGRATION };
  return [
    realtime,
    USERS_MIGRATION,
    IDENTITIES_MIGRATION,
    REMOVALS_MIGRATION,
    ...RESOURCES.flatMap(({ migrations }) => migrations),
  ];
}
