import Type, { type Static } from 'typebox';
import { PROCESSING_STATUSES } from '../domain/processing-status.ts';
import {
  type NewTask,
  TASK_CONTENT_CHARACTERS,
  TASK_PRIORITIES,
  TASK_STATUSES,
  type Task,
  type TaskChanges,
} from '../domain/task.ts';
import type { TaskFilter, TaskTopic, TaskWithTopic } from '../domain/task-ports.ts';
import { wireTime } from '../domain/time.ts';
import {
  Choice,
  InputTime,
  Nullable,
  NullableChoice,
  NullableFreeObject,
  NullableInputTime,
  OutputTime,
  PageQuery,
  ProcessingStatusSchema,
} from './common.ts';

const Content = Type.String({ minLength: 1, maxLength: TASK_CONTENT_CHARACTERS });
const DUE_DATE = { description: 'With its time zone, and not in the past. Kept in whole seconds.' };
const DueDate = Type.Unsafe<Static<typeof NullableInputTime>>({ ...NullableInputTime, ...DUE_DATE });
const TagList = Type.Array(Type.String());
const Tags = Type.Unsafe<Static<typeof TagList> | null>({ ...TagList, type: ['array', 'null'] });
// Below 1 it is a fault of its own, which older clients know as one of status 400.
const ParentId = Nullable(Type.Integer({ description: 'The task that this one is a part of; 1 or more.' }));
const Reference = Type.Integer({ exclusiveMinimum: 0 });

export const CreateTaskBody = Type.Object(
  {
    content: Content,
    status: Choice(TASK_STATUSES, { default: 'todo' }),
    priority: Choice(TASK_PRIORITIES, { default: 'medium' }),
    due_date: Type.Optional(DueDate),
    tags: Type.Optional(Tags),
    parent_id: Type.Optional(ParentId),
    note_id: Type.Optional(Nullable(Reference)),
    topic_id: Type.Optional(Nullable(Reference)),
  },
  { examples: [{ content: 'Buy oat milk', priority: 'high', due_date: '2099-12-31T18:00:00Z', tags: ['shopping'] }] },
);

export const UpdateTaskBody = Type.Object(
  {
    content: Type.Optional(Nullable(Content)),
    status: Type.Optional(NullableChoice(TASK_STATUSES)),
    priority: Type.Optional(NullableChoice(TASK_PRIORITIES)),
    due_date: Type.Optional(DueDate),
    tags: Type.Optional(Tags),
    parent_id: Type.Optional(ParentId),
    topic_id: Type.Optional(Nullable(Reference)),
    processing_status: Type.Optional(
      NullableChoice(PROCESSING_STATUSES, { description: 'Has no effect together with content.' }),
    ),
  },
  { description: 'What is absent or null stays. Content, even the same again, lets the task be processed anew.' },
);

const IN_BODY = 'May stand in a JSON body instead.';

export const TaskStatusQuery = Type.Object({ status: Choice(TASK_STATUSES, { description: IN_BODY }) });

export const TaskTopicQuery = Type.Object({
  topic_id: Type.Optional(Nullable(Type.Integer({ exclusiveMinimum: 0, description: `None: under no topic. ${IN_BODY}` }))),
});

export const TaskNoteQuery = Type.Object({ note_id: Type.Integer({ exclusiveMinimum: 0, description: IN_BODY }) });

export const TaskListQuery = Type.Object({
  ...PageQuery.properties,
  status: Type.Optional(Choice(TASK_STATUSES)),
  priority: Type.Optional(Choice(TASK_PRIORITIES)),
  due_before: Type.Optional(Type.Unsafe<Static<typeof InputTime>>({ ...InputTime, description: 'Due then or earlier.' })),
  due_after: Type.Optional(Type.Unsafe<Static<typeof InputTime>>({ ...InputTime, description: 'Due then or later.' })),
  parent_id: Type.Optional(Type.Integer({ description: 'Right below this task.' })),
  topic_id: Type.Optional(Type.Integer()),
});

const TopicSchema = Type.Object({
  name: Type.String(),
  icon: Type.String(),
  id: Type.Integer(),
  user_id: Type.String({ format: 'uuid' }),
  created_at: OutputTime,
  updated_at: Nullable(OutputTime),
});

export const TaskSchema = Type.Object(
  {
    content: Type.String(),
    status: Choice(TASK_STATUSES),
    priority: Choice(TASK_PRIORITIES),
    due_date: Nullable(OutputTime),
    tags: TagList,
    parent_id: Nullable(Type.Integer()),
    note_id: Nullable(Type.Integer()),
    topic_id: Nullable(Type.Integer()),
    id: Type.Integer(),
    user_id: Type.String({ format: 'uuid' }),
    processing_status: ProcessingStatusSchema,
    enrichment_data: NullableFreeObject,
    processed_at: Nullable(OutputTime),
    created_at: OutputTime,
    updated_at: OutputTime,
    topic: Nullable(TopicSchema),
    version: Type.Integer({ minimum: 1, description: 'Rises by one with each change; also the ETag.' }),
  },
  { title: 'Task' },
);

export const TaskProcessingSchema = Type.Object({
  id: Type.Integer(),
  user_id: Type.String({ format: 'uuid' }),
  content: Type.String(),
  processing_status: ProcessingStatusSchema,
  enrichment_data: NullableFreeObject,
  processed_at: Nullable(OutputTime),
});

/** A task as clients see it. */
export function showTask(task: TaskWithTopic): Static<typeof TaskSchema> {
  return {
    content: task.content,
    status: task.status,
    priority: task.priority,
    due_date: wireTimeOrNull(task.dueDate),
    tags: [...task.tags],
    parent_id: task.parentId,
    note_id: task.noteId,
    topic_id: task.topicId,
    id: task.id,
    user_id: task.userId,
    processing_status: task.processingStatus,
    enrichment_data: task.enrichmentData,
    processed_at: wireTimeOrNull(task.processedAt),
    created_at: wireTime(task.createdAt),
    updated_at: wireTime(task.updatedAt),
    topic: task.topic && showTopic(task.topic),
    version: task.version,
  };
}

/** How far processing has come with a task. */
export function showTaskProcessing(task: Task): Static<typeof TaskProcessingSchema> {
  const { id, userId, content, processingStatus, enrichmentData, processedAt } = task;
  return {
    id,
    user_id: userId,
    content,
    processing_status: processingStatus,
    enrichment_data: enrichmentData,
    processed_at: wireTimeOrNull(processedAt),
  };
}

/** What a body asks to create: null tags are none. */
export function readNewTask(body: Static<typeof CreateTaskBody>): NewTask {
  const { content, status, priority, due_date: dueDate = null, tags, parent_id: parentId = null } = body;
  const { note_id: noteId = null, topic_id: topicId = null } = body;
  return { content, status, priority, dueDate, tags: tags ?? [], parentId, noteId, topicId };
}

/** The changes that an update's body asks for: null counts as absent. */
export function readTaskChanges(body: Static<typeof UpdateTaskBody>): TaskChanges {
  const { due_date: dueDate, parent_id: parentId, topic_id: topicId, processing_status: processingStatus, ...others } = body;
  return given({ ...others, dueDate, parentId, topicId, processingStatus });
}

/** What a list is filtered by. */
export function readTaskFilter(query: Static<typeof TaskListQuery>): TaskFilter {
  const { status, priority, due_before: before, due_after: after, parent_id: parentId, topic_id: topicId } = query;
  return given({ status, priority, dueBefore: before?.ms, dueAfter: after?.ms, parentId, topicId });
}

type Given<Values> = { [Name in keyof Values]?: NonNullable<Values[Name]> };

/** Leaves out what is absent or null. */
function given<Values extends object>(values: Values): Given<Values> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  // The entries are those of `values`, but for the ones that the type calls optional now.
  return Object.fromEntries(entries) as Given<Values>;
}

function showTopic({ name, icon, id, userId, createdAt, updatedAt }: TaskTopic): Static<typeof TopicSchema> {
  return { name, icon, id, user_id: userId, created_at: wireTime(createdAt), updated_at: wireTimeOrNull(updatedAt) };
}

function wireTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : wireTime(ms);
}
