import type { Transaction } from '@friday/realtime';
import { invalidReference, parentError, type Task, type TaskDraft, type TaskField, TOPIC_NOT_FOUND } from '../domain/task.ts';
import type { NoteLookup, TaskRepository, TaskTopic, TaskWithTopic, TopicLookup } from '../domain/task-ports.ts';

export interface TaskLinksDeps {
  readonly tasks: TaskRepository<Transaction>;
  readonly notes: NoteLookup<Transaction>;
  readonly topics: TopicLookup<Transaction>;
}

/** A task that is about to be written; without a number when it is new. */
type Written = TaskDraft & { readonly id?: number };

/** What tasks refer to: whether it is there and the user's own, and the topics that tasks are shown with. */
export class TaskLinks {
  readonly #deps: TaskLinksDeps;

  constructor(deps: TaskLinksDeps) {
    this.#deps = deps;
  }

  /**
   * Checks what the task refers to by these fields, or by all.
   * @throws FridayError `TASK_INVALID_REFERENCE` for what is missing or another user's; `TASK_PARENT_ERROR` when the parent is below the
   * task.
   */
  async require(tx: Transaction, task: Written, fields?: readonly TaskField[]): Promise<void> {
    const { userId, parentId, noteId, topicId } = task;
    const asked = (field: TaskField) => fields?.includes(field) ?? true;
    if (parentId !== null && asked('parentId')) await this.#requireParent(tx, task, parentId);
    if (noteId !== null && asked('noteId')) await this.#requireNote(tx, userId, noteId);
    if (topicId !== null && asked('topicId') && !(await this.hasTopic(userId, topicId, tx)))
      throw invalidReference(TOPIC_NOT_FOUND);
  }

  /** Whether the topic is there, and the user's own. */
  async hasTopic(userId: string, topicId: number, tx?: Transaction): Promise<boolean> {
    return (await this.#deps.topics.findAll(userId, [topicId], tx)).length > 0;
  }

  async withTopic(task: Task, tx?: Transaction): Promise<TaskWithTopic> {
    return { ...task, topic: (await this.#topicsOf(task.userId, [task], tx)).get(task.topicId) ?? null };
  }

  /** Tasks of one user, with their topics, which are looked up all at once. */
  async withTopics(userId: string, tasks: readonly Task[]): Promise<TaskWithTopic[]> {
    const topics = await this.#topicsOf(userId, tasks);
    return tasks.map((task) => ({ ...task, topic: topics.get(task.topicId) ?? null }));
  }

  async #requireParent(tx: Transaction, { userId, id }: Written, parentId: number): Promise<void> {
    const { tasks } = this.#deps;
    if (!(await tasks.find(userId, parentId, tx))) throw invalidReference('Parent task not found');
    if (id !== undefined && (await tasks.isWithin(tx, parentId, id))) throw parentError('cannot be below the task itself');
  }

  async #requireNote(tx: Transaction, userId: string, noteId: number): Promise<void> {
    if (!(await this.#deps.notes.find(userId, noteId, tx))) throw invalidReference('Note not found');
  }

  async #topicsOf(userId: string, tasks: readonly Task[], tx?: Transaction): Promise<ReadonlyMap<number | null, TaskTopic>> {
    const ids = new Set(tasks.flatMap(({ topicId }) => topicId ?? []));
    const topics = ids.size === 0 ? [] : await this.#deps.topics.findAll(userId, [...ids], tx);
    return new Map(topics.map((topic) => [topic.id, topic]));
  }
}
