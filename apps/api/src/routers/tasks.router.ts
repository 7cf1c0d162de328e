import {
  answers,
  ChangeHeaders,
  CreateHeaders,
  Envelope,
  envelope,
  IdParams,
  MessageSchema,
  PageEnvelope,
  pageEnvelope,
} from '../schemas/common.ts';
import {
  CreateTaskBody,
  readNewTask,
  readTaskChanges,
  readTaskFilter,
  showTask,
  TaskListQuery,
  TaskSchema,
  UpdateTaskBody,
} from '../schemas/task.schema.ts';
import type { TaskService } from '../services/task.service.ts';
import type { App, Router } from './app-instance.ts';
import { actorOf } from './authentication.ts';
import { expectedVersions, setEtag } from './conditional.ts';
import { setCursor, type TakePosition } from './position.ts';
import { addTaskFacetRoutes } from './task-facets.router.ts';

export interface TasksRouterDeps {
  readonly tasks: TaskService;
  readonly position: TakePosition;
}

const TAGS = ['tasks'];
const ITEM = '/tasks/:task_id';
const params = IdParams('task_id');

/** `/tasks`. */
export function tasksRouter(deps: TasksRouterDeps): Router {
  return (app) => {
    addReads(app, deps);
    addWrites(app, deps);
    addTaskFacetRoutes(app, deps);
  };
}

function addReads(app: App, { tasks, position }: TasksRouterDeps): void {
  app.get(
    '/tasks',
    {
      schema: {
        tags: TAGS,
        summary: 'List tasks, the most urgent first',
        description: 'Of the same priority, those without a due date come first, then the earliest. All filters must hold.',
        querystring: TaskListQuery,
        response: answers({ 200: PageEnvelope(TaskSchema) }, 401, 404, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const page = await tasks.list(actorOf(request), readTaskFilter(request.query), request.query);
      return pageEnvelope(page, request.query, 'tasks', showTask);
    },
  );
  app.get(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'One task',
        params,
        response: answers({ 200: Envelope(TaskSchema) }, 401, 404, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const task = await tasks.get(actorOf(request), request.params.task_id);
      setEtag(reply, task);
      return envelope(showTask(task));
    },
  );
}

function addWrites(app: App, { tasks }: TasksRouterDeps): void {
  app.post(
    '/tasks',
    {
      schema: {
        tags: TAGS,
        summary: 'Create a task',
        headers: CreateHeaders,
        body: CreateTaskBody,
        response: answers({ 201: Envelope(TaskSchema) }, 400, 401, 404, 413, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const task = await tasks.create(actorOf(request), readNewTask(request.body));
      setEtag(reply, task);
      return reply.code(201).send(envelope(showTask(task), 'Task created successfully and queued for processing'));
    },
  );
  app.put(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'Change fields of a task',
        params,
        headers: ChangeHeaders,
        body: UpdateTaskBody,
        response: answers({ 200: Envelope(TaskSchema) }, 400, 401, 404, 412, 413, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const changes = readTaskChanges(request.body);
      const task = await tasks.update(actorOf(request), request.params.task_id, changes, expectedVersions(request));
      setEtag(reply, task);
      return envelope(showTask(task), 'Task updated successfully');
    },
  );
  app.delete(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a task with all its subtasks',
        params,
        headers: ChangeHeaders,
        response: answers({ 200: MessageSchema }, 401, 404, 409, 412, 422, 429, 503),
      },
    },
    async (request) => {
      await tasks.delete(actorOf(request), request.params.task_id, expectedVersions(request));
      return { message: 'Task deleted successfully' };
    },
  );
}
