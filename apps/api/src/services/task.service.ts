import type { Transaction } from '@friday/realtime';
import type { Actor } from '../domain/actor.ts';
import { FridayError } from '../domain/errors.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import type { Clock, UnitOfWork } from '../domain/ports.ts';
import {
  changeTask,
  draftTask,
  invalidReference,
  type NewTask,
  TASK_ERRORS,
  TASK_FAMILY_LIMIT,
  TASK_REFERENCE_LIMIT,
  type Task,
  type TaskChanges,
  type TaskStatus,
  TOPIC_NOT_FOUND,
  taskAction,
  UNPROCESSED,
} from '../domain/task.ts';
import type { ClearedReference, TaskFilter, TaskRepository, TaskWithTopic } from '../domain/task-ports.ts';
import { type ExpectedVersions, requireVersion, type Versioned } from '../domain/version.ts';
import type { ChangeAnnouncer } from './changes.ts';
import type { Dependents } from './dependents.ts';
import type { TaskLinks } from './task-links.ts';

export interface TaskServiceDeps {
  readonly tasks: TaskRepository<Transaction>;
  readonly links: TaskLinks;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly changes: ChangeAnnouncer;
  readonly dependents: Dependents;
  readonly clock: Clock;
}

/** One task, and the versions at which it may be written. */
interface Target {
  readonly id: number;
  readonly expected?: ExpectedVersions;
  /** The fault when it is not there; clients know different ones of different routes. */
  readonly missing?: () => FridayError;
}

/** Tasks: each user sees and changes only their own. Source: REST specification, section "Tasks". */
export class TaskService {
  readonly #deps: TaskServiceDeps;

  constructor(deps: TaskServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Creates a task and announces it, in one transaction.
   * @throws FridayError `TASK_CONTENT_ERROR`, `TASK_DATE_ERROR`, `TASK_PARENT_ERROR`; `TASK_INVALID_REFERENCE` when the parent, note or
   * topic is missing or another user's.
   */
  async create(actor: Actor, input: NewTask): Promise<TaskWithTopic> {
    const draft = draftTask(actor.userId, input, this.#deps.clock.now());
    return this.#deps.unitOfWork.run(async (tx) => {
      await this.#deps.links.require(tx, draft);
      const task = await this.#deps.tasks.insert(tx, draft);
      this.#deps.changes.announce(tx, { actor, resource: task, action: 'created' });
      return this.#deps.links.withTopic(task, tx);
    });
  }

  /**
   * The user's tasks, subtasks among them, in the order of {@link TaskRepository.list}.
   * @throws FridayError `TASK_INVALID_REFERENCE` when the topic that is filtered by is missing or another user's.
   */
  async list(actor: Actor, filter: TaskFilter, page: PageRequest): Promise<Page<TaskWithTopic>> {
    const { topicId } = filter;
    if (topicId !== undefined && !(await this.#deps.links.hasTopic(actor.userId, topicId)))
      throw invalidReference(TOPIC_NOT_FOUND);
    return this.#list(actor, filter, page);
  }

  /** The tasks right below one. @throws FridayError `parent_task_not_found`. */
  async listSubtasks(actor: Actor, id: number, page: PageRequest): Promise<Page<TaskWithTopic>> {
    await this.#find(actor, { id, missing: () => new FridayError(TASK_ERRORS.parent_task_not_found) });
    return this.#list(actor, { parentId: id }, page);
  }

  /** The tasks under one topic. @throws FridayError `TASK_INVALID_REFERENCE` when the topic is missing or another user's. */
  async listByTopic(actor: Actor, topicId: number, page: PageRequest): Promise<Page<TaskWithTopic>> {
    if (!(await this.#deps.links.hasTopic(actor.userId, topicId)))
      throw invalidReference(TOPIC_NOT_FOUND, { message: TOPIC_NOT_FOUND });
    return this.#list(actor, { topicId }, page);
  }

  /** @throws FridayError `task_not_found` where the task is missing or another user's. */
  async get(actor: Actor, id: number): Promise<TaskWithTopic> {
    return this.#deps.links.withTopic(await this.#find(actor, { id }));
  }

  /**
   * Changes a task and announces what differs; where nothing does, nothing is written.
   * @throws FridayError `version_mismatch`, those of {@link create}, and `TASK_INVALID_REFERENCE` when the task itself is not there.
   */
  async update(actor: Actor, id: number, changes: TaskChanges, expected?: ExpectedVersions): Promise<TaskWithTopic> {
    return this.#change(actor, { id, expected, missing: () => invalidReference('Task not found') }, changes);
  }

  /** Each status may follow each. @throws FridayError `task_not_found`, `version_mismatch`. */
  async setStatus(actor: Actor, id: number, status: TaskStatus, expected?: ExpectedVersions): Promise<TaskWithTopic> {
    return this.#change(actor, { id, expected }, { status });
  }

  /**
   * Puts the task under a topic, or under none.
   * @throws FridayError `TASK_INVALID_REFERENCE` when the task or the topic is missing or another user's; `version_mismatch`.
   */
  async setTopic(actor: Actor, id: number, topicId: number | null, expected?: ExpectedVersions): Promise<TaskWithTopic> {
    const missing = () => invalidReference(`Task ${id} not found or doesn't belong to user`);
    return this.#change(actor, { id, expected, missing }, { topicId });
  }

  /**
   * Ties the task to a note, or to none.
   * @throws FridayError `task_not_found`, `version_mismatch`; `TASK_INVALID_REFERENCE` when the note is missing or another user's.
   */
  async setNote(actor: Actor, id: number, noteId: number | null, expected?: ExpectedVersions): Promise<TaskWithTopic> {
    return this.#change(actor, { id, expected }, { noteId });
  }

  /** Lets the task be processed again, from the start. @throws FridayError `task_not_found`, `version_mismatch`. */
  async reprocess(actor: Actor, id: number, expected?: ExpectedVersions): Promise<TaskWithTopic> {
    return this.#change(actor, { id, expected }, UNPROCESSED);
  }

  /**
   * Deletes a task with all that is below it. Each is announced, the task itself first, every other after its parent.
   * @throws FridayError `task_not_found`, `version_mismatch`; `TASK_FAMILY_TOO_LARGE` above {@link TASK_FAMILY_LIMIT} tasks.
   */
  async delete(actor: Actor, id: number, expected?: ExpectedVersions): Promise<void> {
    await this.#deps.unitOfWork.run(async (tx) => {
      await this.#find(actor, { id, expected }, tx);
      for (const task of await this.#family(tx, id)) {
        const resource = { id: task.id, version: task.version + 1 };
        this.#deps.changes.announce(tx, { actor, resource, action: 'deleted' });
        await this.#deps.dependents.deleting(tx, actor, { kind: 'task', id: task.id });
      }
      await this.#deps.tasks.deleteFamily(tx, id);
    });
  }

  /**
   * Clears and announces all references to a note or topic that is being deleted.
   * @throws FridayError `TASK_REFERENCES_TOO_MANY` above {@link TASK_REFERENCE_LIMIT} tasks: then it cannot be deleted.
   */
  async clearReference(tx: Transaction, actor: Actor, { field, id }: Pick<ClearedReference, 'field' | 'id'>): Promise<void> {
    const cleared = { userId: actor.userId, field, id, now: this.#deps.clock.now() };
    const limit = TASK_REFERENCE_LIMIT;
    const tasks = await this.#deps.tasks.clearReference(tx, cleared, limit + 1);
    if (tasks.length > limit) throw new FridayError(TASK_ERRORS.TASK_REFERENCES_TOO_MANY, { params: { limit } });
    for (const resource of tasks) {
      this.#deps.changes.announce(tx, { actor, resource, action: 'updated', changed: [field] });
    }
  }

  async #family(tx: Transaction, id: number): Promise<readonly Versioned[]> {
    const family = await this.#deps.tasks.family(tx, id, TASK_FAMILY_LIMIT + 1);
    if (family.length <= TASK_FAMILY_LIMIT) return family;
    throw new FridayError(TASK_ERRORS.TASK_FAMILY_TOO_LARGE, { params: { limit: TASK_FAMILY_LIMIT } });
  }

  async #list(actor: Actor, filter: TaskFilter, page: PageRequest): Promise<Page<TaskWithTopic>> {
    const { items, total } = await this.#deps.tasks.list(actor.userId, filter, page);
    return { items: await this.#deps.links.withTopics(actor.userId, items), total };
  }

  async #change(actor: Actor, target: Target, changes: TaskChanges): Promise<TaskWithTopic> {
    return this.#deps.unitOfWork.run(async (tx) => {
      const present = await this.#find(actor, target, tx);
      const { task, changed } = changeTask(present, changes, this.#deps.clock.now());
      if (changed.length > 0) {
        await this.#deps.links.require(tx, task, changed);
        await this.#deps.tasks.update(tx, task);
        this.#deps.changes.announce(tx, { actor, resource: task, action: taskAction(task, changed), changed });
      }
      return this.#deps.links.withTopic(task, tx);
    });
  }

  async #find(actor: Actor, { id, expected, missing = notFound }: Target, tx?: Transaction): Promise<Task> {
    const task = await this.#deps.tasks.find(actor.userId, id, tx);
    if (!task) throw missing();
    requireVersion(task, expected);
    return task;
  }
}

function notFound(): FridayError {
  return new FridayError(TASK_ERRORS.task_not_found);
}
