/** What tasks need of the world. `Tx` is a transaction, whatever the infrastructure makes of one. */
import type { Page, PageRequest } from './page.ts';
import type { Task, TaskDraft, TaskPriority, TaskReferences, TaskStatus } from './task.ts';
import type { Versioned } from './version.ts';

/** Which tasks of a user a list holds: those that match all that is given. */
export interface TaskFilter {
  readonly status?: TaskStatus;
  readonly priority?: TaskPriority;
  /** Due then or earlier; a task without a due date is not. */
  readonly dueBefore?: number;
  /** Due then or later; a task without a due date is not. */
  readonly dueAfter?: number;
  readonly parentId?: number;
  readonly topicId?: number;
}

/** Where tasks are kept. Reads without a transaction see what is committed. */
export interface TaskRepository<Tx> {
  insert(tx: Tx, draft: TaskDraft): Promise<Task>;
  /** Another user's task is not found. */
  find(userId: string, id: number, tx?: Tx): Promise<Task | undefined>;
  /** The most urgent first; of these those without a due date, then the earliest. */
  list(userId: string, filter: TaskFilter, page: PageRequest): Promise<Page<Task>>;
  update(tx: Tx, task: Task): Promise<void>;
  /** Whether the task is the other one or, at any depth, below it. */
  isWithin(tx: Tx, id: number, otherId: number): Promise<boolean>;
  /** The task with all that is below it, at any depth; each after its parent. The first of them, where they are more than the limit. */
  family(tx: Tx, id: number, limit: number): Promise<readonly Versioned[]>;
  /** Deletes the task with all that is below it. */
  deleteFamily(tx: Tx, id: number): Promise<void>;
  /** Clears references to this row of the user's, as many as the limit at most. @returns the changed tasks, as they are now. */
  clearReference(tx: Tx, cleared: ClearedReference, limit: number): Promise<readonly Versioned[]>;
}

/** A row that tasks may refer to is deleted. */
export interface ClearedReference {
  readonly userId: string;
  readonly field: Exclude<keyof TaskReferences, 'parentId'>;
  readonly id: number;
  readonly now: number;
}

/** What tasks need of notes. */
export interface NoteLookup<Tx> {
  /** Undefined where the note is missing or another user's. */
  find(userId: string, id: number, tx?: Tx): Promise<object | undefined>;
}

/** What a task shows of its topic. */
export interface TaskTopic {
  readonly id: number;
  readonly userId: string;
  readonly name: string;
  readonly icon: string;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** What tasks need of topics. */
export interface TopicLookup<Tx> {
  /** Those of the user's own topics that have one of these numbers. */
  findAll(userId: string, ids: readonly number[], tx?: Tx): Promise<readonly TaskTopic[]>;
}

/** Serves as long as Friday keeps no topics: no number is the number of one. */
export const NO_TOPICS: TopicLookup<unknown> = { findAll: async () => [] };

/** A task with the topic that it is shown with. */
export type TaskWithTopic = Task & { readonly topic: TaskTopic | null };
