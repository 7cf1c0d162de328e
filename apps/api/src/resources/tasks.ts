import { TASK_ERRORS } from '../domain/task.ts';
import { NO_TOPICS } from '../domain/task-ports.ts';
import { TASKS_MIGRATION } from '../infrastructure/database/migrations/0004-tasks.ts';
import { SqlNoteRepository } from '../infrastructure/database/note.repository.ts';
import { SqlTaskRepository } from '../infrastructure/database/task.repository.ts';
import { tasksRouter } from '../routers/tasks.router.ts';
import { ChangeAnnouncer } from '../services/changes.ts';
import { TaskService } from '../services/task.service.ts';
import { TaskLinks } from '../services/task-links.ts';
import type { Resource } from './resource.ts';

const name = { kind: 'task', collection: '/v1/tasks' } as const;

/** Kinds that tasks refer to, and by which field. */
const REFERENCES = [
  ['note', 'noteId'],
  ['topic', 'topicId'],
] as const;

export const tasks: Resource = {
  ...name,
  description: 'What a user has to do, in as many levels of subtasks as it takes.',
  errors: TASK_ERRORS,
  migrations: [TASKS_MIGRATION],
  examples: {
    create: { content: 'Buy oat milk' },
    update: {
      content: 'Buy oat milk and bread',
      status: 'in_progress',
      priority: 'high',
      due_date: '2099-12-31T18:00:00Z',
      tags: ['shopping'],
    },
  },
  build({ database, unitOfWork, notifications, dependents, position, clock }) {
    const repository = new SqlTaskRepository(database);
    const notes = new SqlNoteRepository(database);
    const service = new TaskService({
      tasks: repository,
      links: new TaskLinks({ tasks: repository, notes, topics: NO_TOPICS }),
      unitOfWork,
      changes: new ChangeAnnouncer(notifications, name),
      dependents,
      clock,
    });
    for (const [kind, field] of REFERENCES) {
      dependents.onDelete(kind, (tx, actor, id) => service.clearReference(tx, actor, { field, id }));
    }
    return tasksRouter({ tasks: service, position });
  },
};
