import Type, { type Static } from 'typebox';
import {
  ACTIVITY_CHARACTERS,
  type Activity,
  type ActivityChanges,
  type ActivityMoment,
  type ActivityWithMoments,
  type NewActivity,
} from '../domain/activity.ts';
import { ACTIVITY_SCHEMA_LIMITS } from '../domain/activity-schema.ts';
import { wireTime } from '../domain/time.ts';
import { FreeObject, Nullable, NullableFreeObject, OutputTime, ProcessingStatusSchema } from './common.ts';

const { bytes, levels, patternCharacters } = ACTIVITY_SCHEMA_LIMITS;

// Lengths and forms are the domain's to check, which answers 400 for them: older clients expect that.
const FIELDS = {
  name: { description: `1 to ${ACTIVITY_CHARACTERS.name} characters; not unique.` },
  description: { description: `1 to ${ACTIVITY_CHARACTERS.description} characters.` },
  activity_schema: {
    description: `A JSON Schema of type \`object\` with \`properties\`, each with a \`type\` or a \`$ref\`. References start with \`#\`. \
At most ${bytes} bytes, ${levels} levels of objects and lists, ${patternCharacters} characters a regular expression (ECMA-262).`,
  },
  icon: { description: `1 to ${ACTIVITY_CHARACTERS.icon} characters.` },
  color: { description: '`#` and six hex digits.' },
} as const;

export const CreateActivityBody = Type.Object(
  {
    name: Type.String(FIELDS.name),
    description: Type.String(FIELDS.description),
    activity_schema: Type.Unsafe<Static<typeof FreeObject>>({ ...FreeObject, ...FIELDS.activity_schema }),
    icon: Type.String(FIELDS.icon),
    color: Type.String(FIELDS.color),
  },
  {
    examples: [
      {
        name: 'Run',
        description: 'A run outdoors',
        activity_schema: { type: 'object', properties: { km: { type: 'number', minimum: 0 } }, required: ['km'] },
        icon: '🏃',
        color: '#2e7d32',
      },
    ],
  },
);

export const UpdateActivityBody = Type.Object(
  {
    name: Type.Optional(Nullable(Type.String(FIELDS.name))),
    description: Type.Optional(Nullable(Type.String(FIELDS.description))),
    activity_schema: Type.Optional(
      Type.Unsafe<Static<typeof NullableFreeObject>>({ ...NullableFreeObject, ...FIELDS.activity_schema }),
    ),
    icon: Type.Optional(Nullable(Type.String(FIELDS.icon))),
    color: Type.Optional(Nullable(Type.String(FIELDS.color))),
  },
  { description: 'What is absent, null or an empty text stays as it is.' },
);

const ActivityMomentSchema = Type.Object({
  id: Type.Integer(),
  activity_id: Type.Integer(),
  data: FreeObject,
  timestamp: OutputTime,
  user_id: Type.String({ format: 'uuid' }),
  created_at: OutputTime,
  updated_at: Nullable(OutputTime),
});

export const ActivitySchema = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    description: Type.String(),
    activity_schema: FreeObject,
    icon: Type.String(),
    color: Type.String(),
    user_id: Type.String({ format: 'uuid' }),
    moment_count: Type.Integer({ minimum: 0 }),
    created_at: OutputTime,
    updated_at: Nullable(OutputTime),
    moments: Type.Unsafe<Static<typeof ActivityMomentSchema>[] | null>({
      ...Type.Array(ActivityMomentSchema),
      type: ['array', 'null'],
      description: 'Null where there are none; in lists of activities always empty.',
    }),
    processing_status: ProcessingStatusSchema,
    schema_render: NullableFreeObject,
    processed_at: Nullable(OutputTime),
    version: Type.Integer({ minimum: 1, description: 'Rises by one with each change; also the ETag.' }),
  },
  { title: 'Activity' },
);

export const ActivityProcessingSchema = Type.Object({
  status: ProcessingStatusSchema,
  processed_at: Nullable(OutputTime),
  schema_render: NullableFreeObject,
});

export const ActivityJobSchema = Type.Object({
  job_id: Type.String({ description: 'Names the processing of this version of the activity.' }),
});

/** An activity as clients see it. */
export function showActivity({ activity, momentCount, moments }: ActivityWithMoments): Static<typeof ActivitySchema> {
  return {
    id: activity.id,
    name: activity.name,
    description: activity.description,
    activity_schema: activity.activitySchema,
    icon: activity.icon,
    color: activity.color,
    user_id: activity.userId,
    moment_count: momentCount,
    created_at: wireTime(activity.createdAt),
    updated_at: optionalTime(activity.updatedAt),
    moments: moments?.map(showMoment) ?? null,
    processing_status: activity.processingStatus,
    schema_render: activity.schemaRender,
    processed_at: optionalTime(activity.processedAt),
    version: activity.version,
  };
}

function showMoment(moment: ActivityMoment): Static<typeof ActivityMomentSchema> {
  return {
    id: moment.id,
    activity_id: moment.activityId,
    data: moment.data,
    timestamp: wireTime(moment.timestamp),
    user_id: moment.userId,
    created_at: wireTime(moment.createdAt),
    updated_at: optionalTime(moment.updatedAt),
  };
}

function optionalTime(ms: number | null): string | null {
  return ms === null ? null : wireTime(ms);
}

/** How far processing has come, as clients see it. */
export function showActivityProcessing(activity: Activity): Static<typeof ActivityProcessingSchema> {
  const { processingStatus, processedAt, schemaRender } = activity;
  return { status: processingStatus, processed_at: optionalTime(processedAt), schema_render: schemaRender };
}

/** What a new activity's body says. */
export function readNewActivity(body: Static<typeof CreateActivityBody>): NewActivity {
  const { name, description, activity_schema: activitySchema, icon, color } = body;
  return { name, description, activitySchema, icon, color };
}

/** The changes that an update's body asks for: null and empty texts ask for none. */
export function readActivityChanges(body: Static<typeof UpdateActivityBody>): ActivityChanges {
  const { name, description, activity_schema: activitySchema, icon, color } = body;
  return {
    ...(name && { name }),
    ...(description && { description }),
    ...(activitySchema && { activitySchema }),
    ...(icon && { icon }),
    ...(color && { color }),
  };
}
