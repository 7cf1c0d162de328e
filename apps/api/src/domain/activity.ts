/** Activities: what a user does again and again, and how to write it down. Source: REST specification, section "Activities". */
import { type ActivitySchema, activitySchemaFaults } from './activity-schema.ts';
import { errorTable, FridayError } from './errors.ts';
import { isSameJson } from './json.ts';
import type { Page, PageRequest } from './page.ts';
import type { ProcessingStatus } from './processing-status.ts';
import type { Versioned } from './version.ts';

/** What a user says of an activity. */
export interface NewActivity {
  readonly name: string;
  readonly description: string;
  /** What the data of each moment has to look like. */
  readonly activitySchema: ActivitySchema;
  readonly icon: string;
  /** `#` and six hex digits, in the case that was given. */
  readonly color: string;
}

export interface Activity extends NewActivity, Versioned {
  readonly userId: string;
  readonly processingStatus: ProcessingStatus;
  /** How to show moments, as background processing made it of the schema. */
  readonly schemaRender: Readonly<Record<string, unknown>> | null;
  readonly processedAt: number | null;
  readonly createdAt: number;
  /** Null until the first change. */
  readonly updatedAt: number | null;
}

/** What an update may give; a field that is absent stays. */
export type ActivityChanges = Partial<NewActivity>;

/** An activity that has no number yet. */
export type ActivityDraft = Omit<Activity, 'id'>;

/** Where activities are kept. Reads without a transaction see what is committed. */
export interface ActivityRepository<Tx> {
  insert(tx: Tx, draft: ActivityDraft): Promise<Activity>;
  /** Another user's activity is not found. */
  find(userId: string, id: number, tx?: Tx): Promise<Activity | undefined>;
  /** In the order of their numbers. */
  list(userId: string, page: PageRequest): Promise<Page<Activity>>;
  update(tx: Tx, activity: Activity): Promise<void>;
  delete(tx: Tx, activity: Activity): Promise<void>;
}

/** A moment, as far as its activity shows it. */
export interface ActivityMoment {
  readonly id: number;
  readonly activityId: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly timestamp: number;
  readonly userId: string;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** An activity with its moments, or with their number alone. */
export interface ActivityWithMoments {
  readonly activity: Activity;
  readonly momentCount: number;
  /** Null where the activity has none. Empty in lists, which would hold every moment of every activity. */
  readonly moments: readonly ActivityMoment[] | null;
}

/** What activities ask of moments, whoever keeps them. Reads without a transaction see what is committed. */
export interface MomentLookup<Tx> {
  /** How many moments each of these activities has, by its number; none where it is absent. */
  count(activityIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** All moments of one activity, in the order of their numbers. */
  list(activityId: number, tx?: Tx): Promise<readonly ActivityMoment[]>;
}

/** As long as nothing keeps moments. */
export const NO_MOMENTS: MomentLookup<unknown> = {
  count: async () => new Map(),
  list: async () => [],
};

export const ACTIVITY_ERRORS = errorTable({
  activity_not_found: { message: 'Activity not found', status: 404 },
  ACTIVITY_INVALID: { message: 'Failed to {action} activity: {faults}', status: 400, detail: 'coded' },
  ACTIVITY_NOT_FAILED: { message: 'Activity {id} is not in a failed state', status: 400, detail: 'coded' },
});

/** Most characters, which are code points, of an activity's texts. */
export const ACTIVITY_CHARACTERS = { name: 255, description: 10_000, icon: 255 } as const;

/**
 * An activity as it is first written.
 * @throws FridayError `ACTIVITY_INVALID`, which names all faults.
 */
export function draftActivity(userId: string, input: NewActivity, now: number): ActivityDraft {
  checkActivity('create', input);
  return { ...input, ...UNPROCESSED, userId, createdAt: now, updatedAt: null, version: 1 };
}

const UNPROCESSED = { processingStatus: 'pending', schemaRender: null, processedAt: null } as const;

/** An activity after a change, and which fields differ; where none does, the same activity. */
export interface ChangedActivity {
  readonly activity: Activity;
  readonly changed: readonly string[];
}

/**
 * An activity after an update. Another schema is processed anew: what was made of the old one does not fit it.
 * @throws FridayError as {@link draftActivity}.
 */
export function changeActivity(activity: Activity, changes: ActivityChanges, now: number): ChangedActivity {
  checkActivity('update', changes);
  const sameSchema = isSameJson(changes.activitySchema ?? activity.activitySchema, activity.activitySchema);
  return withChanges(activity, { ...changes, ...(sameSchema ? {} : UNPROCESSED) }, now);
}

const RETRIED: readonly ProcessingStatus[] = ['failed', 'skipped'];

/**
 * An activity that is to be processed once more.
 * @throws FridayError `ACTIVITY_NOT_FAILED` unless its processing failed or was skipped.
 */
export function retryActivity(activity: Activity, now: number): ChangedActivity {
  const { id, processingStatus } = activity;
  if (!RETRIED.includes(processingStatus)) throw new FridayError(ACTIVITY_ERRORS.ACTIVITY_NOT_FAILED, { params: { id } });
  return withChanges(activity, { processingStatus: 'pending' }, now);
}

/** What the processing of this version of the activity is called. */
export function activityJob({ id, version }: Versioned): string {
  return `activity-${id}-${version}`;
}

const CHANGEABLE = [
  'name',
  'description',
  'activitySchema',
  'icon',
  'color',
  'processingStatus',
  'schemaRender',
  'processedAt',
] as const satisfies (keyof Activity)[];

function withChanges(activity: Activity, changes: Partial<Activity>, now: number): ChangedActivity {
  const changed = CHANGEABLE.filter((field) => field in changes && !isSameJson(changes[field], activity[field]));
  if (changed.length === 0) return { activity, changed };
  return { activity: { ...activity, ...changes, updatedAt: now, version: activity.version + 1 }, changed };
}

/** Most faults that one answer names. */
const MOST_FAULTS = 10;

function checkActivity(action: 'create' | 'update', input: ActivityChanges): void {
  const faults = [...activityFaults(input)];
  if (faults.length === 0) return;
  const named = faults.slice(0, MOST_FAULTS);
  if (faults.length > named.length) named.push(`${faults.length - named.length} more faults`);
  throw new FridayError(ACTIVITY_ERRORS.ACTIVITY_INVALID, { params: { action, faults: named.join('; ') } });
}

function* activityFaults({ name, description, activitySchema, icon, color }: ActivityChanges): Generator<string> {
  yield* textFaults('name', name);
  yield* textFaults('description', description);
  if (activitySchema) yield* activitySchemaFaults(activitySchema, 'activity_schema');
  yield* textFaults('icon', icon);
  if (color !== undefined && !/^#[0-9a-f]{6}$/i.test(color)) yield 'color must be # and six hex digits';
}

function* textFaults(field: keyof typeof ACTIVITY_CHARACTERS, text: string | undefined): Generator<string> {
  const limit = ACTIVITY_CHARACTERS[field];
  if (text === '') yield `${field} must not be empty`;
  else if (text !== undefined && [...text].length > limit) yield `${field} must have at most ${limit} characters`;
}
