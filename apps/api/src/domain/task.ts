/** Tasks: what a user has to do. Source: REST specification, section "Tasks". */
import { errorTable, FridayError } from './errors.ts';
import { isSameJson } from './json.ts';
import type { ProcessingStatus } from './processing-status.ts';
import type { GivenTime } from './time.ts';
import type { Versioned } from './version.ts';

export const TASK_STATUSES = ['todo', 'in_progress', 'done'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** From the least urgent to the most. */
export const TASK_PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

/** What a task may refer to: rows of the same user only. */
export interface TaskReferences {
  /** The task that this one is a part of. */
  readonly parentId: number | null;
  /** The note that it came from. */
  readonly noteId: number | null;
  readonly topicId: number | null;
}

export interface Task extends Versioned, TaskReferences {
  readonly userId: string;
  readonly content: string;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  /** Whole seconds, as clients see it: what they send back unchanged is then no change. */
  readonly dueDate: number | null;
  readonly tags: readonly string[];
  readonly processingStatus: ProcessingStatus;
  readonly enrichmentData: Readonly<Record<string, unknown>> | null;
  readonly processedAt: number | null;
  readonly createdAt: number;
  /** As `createdAt` until the first change. */
  readonly updatedAt: number;
}

/** A task that has no number yet. */
export type TaskDraft = Omit<Task, 'id'>;

/** What a client gives for a task. */
export interface NewTask extends TaskReferences, Pick<Task, 'content' | 'status' | 'priority' | 'tags'> {
  readonly dueDate: GivenTime | null;
}

/** What a change may give; a field that is absent stays. */
export type TaskChanges = Partial<NewTask & Processing>;

/** What is known from background processing. */
type Processing = Pick<Task, 'processingStatus' | 'enrichmentData' | 'processedAt'>;

/** A field that can change. */
export type TaskField = keyof TaskChanges;

export const TASK_ERRORS = errorTable({
  task_not_found: { message: 'Task not found', status: 404 },
  parent_task_not_found: { message: 'Parent task not found', status: 404 },
  TASK_CONTENT_ERROR: { message: 'Task content cannot be empty', status: 400, detail: 'coded' },
  TASK_DATE_ERROR: { message: 'Due date {fault}', status: 400, detail: 'coded' },
  TASK_PARENT_ERROR: { message: 'Parent task {fault}', status: 400, detail: 'coded' },
  TASK_FAMILY_TOO_LARGE: {
    message: 'The task and its subtasks are more than {limit}, too many to delete at once: delete subtasks first',
    status: 409,
    detail: 'coded',
  },
  TASK_REFERENCES_TOO_MANY: {
    message: 'More than {limit} tasks refer to it, too many to change at once: tie some of them to something else first',
    status: 409,
    detail: 'coded',
  },
  TASK_INVALID_REFERENCE: { message: '{fault}', status: 404, detail: 'coded' },
});

/** Most characters of a task's content. */
export const TASK_CONTENT_CHARACTERS = 512;

/** Most tasks that are deleted at once: a task with all below it. More would keep everybody else waiting for too long. */
export const TASK_FAMILY_LIMIT = 10_000;

/** Most tasks that are changed at once because what they refer to is deleted. As above: ten thousand take some 70 ms. */
export const TASK_REFERENCE_LIMIT = 10_000;

/** What processing starts from, at first and again. */
export const UNPROCESSED: Processing = { processingStatus: 'pending', enrichmentData: null, processedAt: null };

/** In the order in which clients see them. */
const TASK_CHANGEABLE = [
  'content',
  'status',
  'priority',
  'dueDate',
  'tags',
  'parentId',
  'noteId',
  'topicId',
  'processingStatus',
  'enrichmentData',
  'processedAt',
] as const satisfies TaskField[];

/**
 * A task as it is first written. Whether what it refers to exists is not looked at here.
 * @throws FridayError `TASK_CONTENT_ERROR` when nothing but white space is left of the content; `TASK_DATE_ERROR` when the due date
 * names no zone or is past; `TASK_PARENT_ERROR` when the parent's number is below 1.
 */
export function draftTask(userId: string, input: NewTask, now: number): TaskDraft {
  checkContent(input.content);
  const dueDate = readDueDate(input.dueDate, { now, present: null });
  checkParent(input.parentId);
  return { userId, ...input, dueDate, ...UNPROCESSED, createdAt: now, updatedAt: now, version: 1 };
}

/**
 * A task after a change. New content, equal or not, has yet to be processed: it outweighs a processing status that is given with it.
 * Nothing is checked of the status: each may follow each. A due date that has passed may stay, but not be set.
 * @returns the task, and which fields differ; where none does, the same task.
 * @throws FridayError as {@link draftTask}; `TASK_PARENT_ERROR` also when the task is to be its own parent.
 */
export function changeTask(task: Task, changes: TaskChanges, now: number): { task: Task; changed: TaskField[] } {
  const { dueDate, ...others } = changes;
  const { content, parentId } = others;
  if (content !== undefined) checkContent(content);
  const due = dueDate === undefined ? {} : { dueDate: readDueDate(dueDate, { now, present: task.dueDate }) };
  if (parentId !== undefined) checkParent(parentId, task.id);
  const wanted: Partial<Task> = { ...others, ...due, ...(content !== undefined && UNPROCESSED) };
  const changed = TASK_CHANGEABLE.filter((field) => field in wanted && !isSameJson(wanted[field], task[field]));
  if (changed.length === 0) return { task, changed };
  return { task: { ...task, ...wanted, updatedAt: now, version: task.version + 1 }, changed };
}

/** What a change is announced as: that a task is done is its own event, in place of the update. */
export function taskAction(task: Task, changed: readonly TaskField[]): 'completed' | 'updated' {
  return task.status === 'done' && changed.includes('status') ? 'completed' : 'updated';
}

export const TOPIC_NOT_FOUND = 'Topic not found';

/**
 * What a task refers to, or a task in a reference's place, is missing or another user's.
 * @param detail where older clients expect another than message and code.
 */
export function invalidReference(fault: string, detail?: unknown): FridayError {
  return new FridayError(TASK_ERRORS.TASK_INVALID_REFERENCE, { params: { fault }, detail });
}

/** The parent's number leads to the task itself. */
export function parentError(fault: string): FridayError {
  return new FridayError(TASK_ERRORS.TASK_PARENT_ERROR, { params: { fault } });
}

function checkContent(content: string): void {
  if (content.trim() === '') throw new FridayError(TASK_ERRORS.TASK_CONTENT_ERROR);
}

function checkParent(parentId: number | null, id?: number): void {
  if (parentId === null) return;
  if (parentId < 1) throw parentError('must have a number above 0');
  if (parentId === id) throw parentError('cannot be the task itself');
}

function readDueDate(given: GivenTime | null, { now, present }: { now: number; present: number | null }): number | null {
  if (given === null) return null;
  if (!given.zoned) throw dateError('must name its time zone');
  const dueDate = Math.floor(given.ms / 1000) * 1000;
  if (dueDate !== present && given.ms < now) throw dateError('cannot be in the past');
  return dueDate;
}

function dateError(fault: string): FridayError {
  return new FridayError(TASK_ERRORS.TASK_DATE_ERROR, { params: { fault } });
}
