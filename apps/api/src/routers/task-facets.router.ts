/** Routes below `/tasks` that look at, or change, one side of a task: its status, topic, note, subtasks, processing. */
import {
  answers,
  ChangeHeaders,
  Envelope,
  envelope,
  IdParams,
  MessageSchema,
  PageEnvelope,
  PageQuery,
  pageEnvelope,
} from '../schemas/common.ts';
import {
  showTask,
  showTaskProcessing,
  TaskNoteQuery,
  TaskProcessingSchema,
  TaskSchema,
  TaskStatusQuery,
  TaskTopicQuery,
} from '../schemas/task.schema.ts';
import type { TaskService } from '../services/task.service.ts';
import type { App } from './app-instance.ts';
import { actorOf } from './authentication.ts';
import { expectedVersions, setEtag } from './conditional.ts';
import { setCursor, type TakePosition } from './position.ts';

interface TaskFacetDeps {
  readonly tasks: TaskService;
  readonly position: TakePosition;
}

const TAGS = ['tasks'];
const params = IdParams('task_id');
const headers = ChangeHeaders;
/** Older documents show the parameter in a body, older clients send it in the query. */
const config = { queryOrBody: true } as const;
const list = answers({ 200: PageEnvelope(TaskSchema) }, 401, 404, 422, 429, 503);
const changed = answers({ 200: Envelope(TaskSchema) }, 401, 404, 412, 413, 422, 429, 503);

/** Adds these routes. */
export function addTaskFacetRoutes(app: App, deps: TaskFacetDeps): void {
  addLists(app, deps);
  addStatusAndTopic(app, deps.tasks);
  addNote(app, deps.tasks);
  addProcessing(app, deps);
}

function addLists(app: App, { tasks, position }: TaskFacetDeps): void {
  app.get(
    '/tasks/:task_id/subtasks',
    { schema: { tags: TAGS, summary: 'List the tasks right below one', params, querystring: PageQuery, response: list } },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const page = await tasks.listSubtasks(actorOf(request), request.params.task_id, request.query);
      return pageEnvelope(page, request.query, 'subtasks', showTask);
    },
  );
  const byTopic = { summary: 'List the tasks under a topic', params: IdParams('topic_id'), querystring: PageQuery };
  app.get('/tasks/by-topic/:topic_id', { schema: { tags: TAGS, ...byTopic, response: list } }, async (request, reply) => {
    await setCursor(request, reply, position);
    const page = await tasks.listByTopic(actorOf(request), request.params.topic_id, request.query);
    return pageEnvelope(page, request.query, 'tasks for topic', showTask);
  });
}

function addStatusAndTopic(app: App, tasks: TaskService): void {
  const status = { summary: 'Set the status of a task', params, headers, querystring: TaskStatusQuery };
  app.put('/tasks/:task_id/status', { config, schema: { tags: TAGS, ...status, response: changed } }, async (request, reply) => {
    const { task_id: id } = request.params;
    const task = await tasks.setStatus(actorOf(request), id, request.query.status, expectedVersions(request));
    setEtag(reply, task);
    return envelope(showTask(task), 'Task status updated successfully');
  });
  const topic = { summary: 'Put a task under a topic, or under none', params, headers, querystring: TaskTopicQuery };
  app.put('/tasks/:task_id/topic', { config, schema: { tags: TAGS, ...topic, response: changed } }, async (request, reply) => {
    const { task_id: id } = request.params;
    const { topic_id: topicId = null } = request.query;
    const task = await tasks.setTopic(actorOf(request), id, topicId, expectedVersions(request));
    setEtag(reply, task);
    return envelope(showTask(task), 'Task topic updated successfully');
  });
}

function addNote(app: App, tasks: TaskService): void {
  const attach = { summary: 'Attach a note to a task', params, headers, querystring: TaskNoteQuery };
  app.put('/tasks/:task_id/note', { config, schema: { tags: TAGS, ...attach, response: changed } }, async (request, reply) => {
    const { task_id: id } = request.params;
    const task = await tasks.setNote(actorOf(request), id, request.query.note_id, expectedVersions(request));
    setEtag(reply, task);
    return envelope(showTask(task), 'Note attached to task successfully');
  });
  const detach = { summary: 'Detach the note from a task', params, headers };
  app.delete('/tasks/:task_id/note', { schema: { tags: TAGS, ...detach, response: changed } }, async (request, reply) => {
    const task = await tasks.setNote(actorOf(request), request.params.task_id, null, expectedVersions(request));
    setEtag(reply, task);
    return envelope(showTask(task), 'Note detached from task successfully');
  });
}

function addProcessing(app: App, { tasks, position }: TaskFacetDeps): void {
  const response = answers({ 200: Envelope(TaskProcessingSchema) }, 401, 404, 422, 429, 503);
  app.get(
    '/tasks/processing/:task_id',
    { schema: { tags: TAGS, summary: 'How far processing has come with a task', params, response } },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const task = await tasks.get(actorOf(request), request.params.task_id);
      setEtag(reply, task);
      return envelope(showTaskProcessing(task), 'Retrieved task processing status');
    },
  );
  const accepted = answers({ 202: Envelope(MessageSchema) }, 401, 404, 412, 422, 429, 503);
  app.post(
    '/tasks/:task_id/reprocess',
    { schema: { tags: TAGS, summary: 'Process a task again', params, headers, response: accepted } },
    async (request, reply) => {
      const task = await tasks.reprocess(actorOf(request), request.params.task_id, expectedVersions(request));
      setEtag(reply, task);
      return reply.code(202).send(envelope({ message: 'Task queued for reprocessing' }, 'Task reprocessing requested'));
    },
  );
}
