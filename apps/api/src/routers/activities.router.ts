import {
  ActivityJobSchema,
  ActivityProcessingSchema,
  ActivitySchema,
  CreateActivityBody,
  readActivityChanges,
  readNewActivity,
  showActivity,
  showActivityProcessing,
  UpdateActivityBody,
} from '../schemas/activity.schema.ts';
import {
  answers,
  ChangeHeaders,
  CreateHeaders,
  Envelope,
  envelope,
  IdParams,
  MessageSchema,
  PageEnvelope,
  PageQuery,
  pageEnvelope,
} from '../schemas/common.ts';
import type { ActivityService } from '../services/activity.service.ts';
import type { App, Router } from './app-instance.ts';
import { actorOf } from './authentication.ts';
import { expectedVersions, setEtag } from './conditional.ts';
import { setCursor, type TakePosition } from './position.ts';

export interface ActivitiesRouterDeps {
  readonly activities: ActivityService;
  readonly position: TakePosition;
}

const TAGS = ['activities'];
const ITEM = '/activities/:activity_id';
const params = IdParams('activity_id');

/** `/activities`. */
export function activitiesRouter(deps: ActivitiesRouterDeps): Router {
  return (app) => {
    addReads(app, deps);
    addCreation(app, deps);
    addChanges(app, deps);
    addProcessing(app, deps);
  };
}

function addReads(app: App, { activities, position }: ActivitiesRouterDeps): void {
  app.get(
    '/activities',
    {
      schema: {
        tags: TAGS,
        summary: 'List activities, in the order of their numbers',
        querystring: PageQuery,
        response: answers({ 200: PageEnvelope(ActivitySchema) }, 401, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const page = await activities.list(actorOf(request), request.query);
      return pageEnvelope(page, request.query, 'activities', showActivity);
    },
  );
  app.get(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'One activity with its moments',
        params,
        response: answers({ 200: Envelope(ActivitySchema) }, 401, 404, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const found = await activities.get(actorOf(request), request.params.activity_id);
      setEtag(reply, found.activity);
      return envelope(showActivity(found));
    },
  );
}

function addCreation(app: App, { activities }: ActivitiesRouterDeps): void {
  app.post(
    '/activities',
    {
      schema: {
        tags: TAGS,
        summary: 'Create an activity',
        headers: CreateHeaders,
        body: CreateActivityBody,
        response: answers({ 201: Envelope(ActivitySchema) }, 400, 401, 413, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const created = await activities.create(actorOf(request), readNewActivity(request.body));
      setEtag(reply, created.activity);
      return reply.code(201).send(envelope(showActivity(created), 'Activity created successfully'));
    },
  );
}

function addChanges(app: App, { activities }: ActivitiesRouterDeps): void {
  app.put(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'Change fields of an activity',
        params,
        headers: ChangeHeaders,
        body: UpdateActivityBody,
        response: answers({ 200: Envelope(ActivitySchema) }, 400, 401, 404, 412, 413, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const changes = readActivityChanges(request.body);
      const id = request.params.activity_id;
      const updated = await activities.update(actorOf(request), id, changes, expectedVersions(request));
      setEtag(reply, updated.activity);
      return envelope(showActivity(updated), 'Activity updated successfully');
    },
  );
  app.delete(
    ITEM,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete an activity and its moments',
        params,
        headers: ChangeHeaders,
        response: answers({ 200: MessageSchema }, 401, 404, 412, 422, 429, 503),
      },
    },
    async (request) => {
      await activities.delete(actorOf(request), request.params.activity_id, expectedVersions(request));
      return { message: 'Activity deleted successfully' };
    },
  );
}

function addProcessing(app: App, { activities, position }: ActivitiesRouterDeps): void {
  app.get(
    `${ITEM}/processing-status`,
    {
      schema: {
        tags: TAGS,
        summary: 'How far background processing has come',
        params,
        response: answers({ 200: Envelope(ActivityProcessingSchema) }, 401, 404, 422, 429, 503),
      },
    },
    async (request, reply) => {
      await setCursor(request, reply, position);
      const activity = await activities.getProcessing(actorOf(request), request.params.activity_id);
      return envelope(showActivityProcessing(activity), 'Retrieved processing status');
    },
  );
  app.post(
    `${ITEM}/retry-processing`,
    {
      schema: {
        tags: TAGS,
        summary: 'Process once more what failed or was skipped',
        params,
        headers: ChangeHeaders,
        response: answers({ 200: Envelope(ActivityJobSchema) }, 400, 401, 404, 412, 422, 429, 503),
      },
    },
    async (request) => {
      const id = request.params.activity_id;
      const jobId = await activities.retryProcessing(actorOf(request), id, expectedVersions(request));
      return envelope({ job_id: jobId }, 'Activity queued for retry processing');
    },
  );
}
