import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTasks, type TaskParts, topic } from '../../test/support/tasks.ts';
import type { NewTask } from '../domain/task.ts';

let parts: TaskParts;
let seen = 0;

beforeAll(() => {
  const foreign = topic(9, 'Not for Anna', '7a1f1f0e-0b1c-4a52-8d0e-9d8c0f7f1a02');
  parts = openTasks([topic(1, 'Work'), topic(2, 'Home'), foreign]);
});
beforeEach(async () => {
  seen = (await parts.announced()).length;
});
afterAll(() => parts.close());

const create = (input: Partial<NewTask> = {}) =>
  parts.service.create(parts.anna, {
    content: 'a task',
    status: 'todo',
    priority: 'medium',
    dueDate: null,
    tags: [],
    parentId: null,
    noteId: null,
    topicId: null,
    ...input,
  });
const announced = async () => (await parts.announced()).slice(seen);

// What holds for tasks once there are topics: tasks need not change for them.
describe('topics', () => {
  test('are shown with their tasks, and looked up once a list', async () => {
    const [work, home] = [await create({ topicId: 1 }), await create({ topicId: 2 })];
    await create({ topicId: 1 });
    expect(work).toMatchObject({ topicId: 1, topic: { name: 'Work' } });
    expect(await parts.service.get(parts.anna, home.id)).toMatchObject({ topic: { name: 'Home' } });
    const before = parts.topicLookups();
    const { items } = await parts.service.list(parts.anna, {}, { page: 1, size: 50 });
    expect(items.map((task) => task.topic?.name)).toEqual(['Work', 'Home', 'Work']);
    expect(parts.topicLookups()).toBe(before + 1);
  });

  test('filter lists', async () => {
    const task = await create({ topicId: 2, content: 'sweep' });
    const page = { page: 1, size: 50 };
    const filtered = await parts.service.list(parts.anna, { topicId: 2 }, page);
    expect(filtered.items).toContainEqual(task);
    expect(filtered.items.every(({ topicId }) => topicId === 2)).toBe(true);
    expect(await parts.service.listByTopic(parts.anna, 2, page)).toEqual(filtered);
    expect(await parts.service.listByTopic(parts.bert, 9, page)).toEqual({ items: [], total: 0 });
  });

  test('can be set and taken away', async () => {
    const { id } = await create();
    expect(await parts.service.setTopic(parts.anna, id, 1)).toMatchObject({ topic: { name: 'Work' }, version: 2 });
    expect(await parts.service.setTopic(parts.anna, id, 1)).toMatchObject({ version: 2 });
    expect(await parts.service.setTopic(parts.anna, id, null)).toMatchObject({ topic: null, version: 3 });
    expect((await announced()).map(({ changed }) => changed)).toEqual([undefined, ['topic_id'], ['topic_id']]);
  });

  test("are the user's own", async () => {
    const { id } = await create();
    const missing = expect.objectContaining({ code: 'TASK_INVALID_REFERENCE', message: 'Topic not found' });
    await expect(create({ topicId: 9 })).rejects.toEqual(missing);
    await expect(parts.service.setTopic(parts.anna, id, 9)).rejects.toEqual(missing);
    await expect(parts.service.update(parts.anna, id, { topicId: 9 })).rejects.toEqual(missing);
    await expect(parts.service.listByTopic(parts.anna, 9, { page: 1, size: 1 })).rejects.toEqual(missing);
    expect((await announced()).map(({ type }) => type)).toEqual(['task.created']);
  });

  test('[P15] that are deleted leave their tasks, each of which is announced', async () => {
    const tasks = [await create({ topicId: 1 }), await create({ topicId: 2 })];
    const { unitOfWork, service, anna } = parts;
    await unitOfWork.run((tx) => service.clearReference(tx, anna, { field: 'topicId', id: 2 }));
    expect(await service.get(anna, tasks[1]?.id ?? 0)).toMatchObject({ topicId: null, topic: null, version: 2 });
    expect(await service.get(anna, tasks[0]?.id ?? 0)).toMatchObject({ topicId: 1, version: 1 });
    expect((await announced()).at(-1)).toMatchObject({
      type: 'task.updated',
      resource: { id: tasks[1]?.id, version: 2 },
      changed: ['topic_id'],
      origin: 'a-client',
    });
  });
});

describe('deleting', () => {
  test('[P15] tells who depends on tasks of each one, before it is gone', async () => {
    const root = await create();
    const child = await create({ parentId: root.id });
    const told: unknown[] = [];
    parts.dependents.onDelete('task', async (tx, { userId }, id) => {
      told.push([id, (await parts.tasks.find(userId, id, tx))?.id]);
    });
    await parts.service.delete(parts.anna, root.id);
    expect(told).toEqual([
      [root.id, root.id],
      [child.id, child.id],
    ]);
  });

  test('[P15b] a thousand tasks are announced one by one, one more as many', async () => {
    const { service, anna } = parts;
    const [small, large] = [await createFamily(1_000), await createFamily(1_001)];
    seen = (await parts.announced()).length;
    await service.delete(anna, small);
    const each = await announced();
    expect(each).toHaveLength(1_000);
    expect(each.every(({ type, resource }) => type === 'task.deleted' && resource?.version === 2)).toBe(true);
    expect(each[0]?.resource?.id).toBe(small);
    await service.delete(anna, large);
    expect((await announced()).slice(1_000)).toEqual([{ type: 'task.many', data: { count: 1_001 } }]);
  });
});

describe('a family of tasks', () => {
  /** Puts a chain of so many tasks, each below the one before. @returns the number of the first. */
  async function putChain(size: number): Promise<number> {
    const { id } = await create();
    parts.storage.writer.run(
      `INSERT INTO tasks SELECT ?1 + value, user_id, content, status, priority, due_date, tags, ?1 + value - 1, note_id, topic_id,
        processing_status, enrichment_data, processed_at, created_at, updated_at, version
        FROM tasks, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?2) SELECT value FROM n)
        WHERE id = ?1`,
      [id, size - 1],
    );
    return id;
  }

  test('is deleted up to ten thousand, however deep; of one more, subtasks have to go first', async () => {
    const { service, anna } = parts;
    const root = await putChain(10_001);
    await expect(service.delete(anna, root)).rejects.toMatchObject({
      entry: { status: 409 },
      detail: { code: 'TASK_FAMILY_TOO_LARGE', message: expect.stringContaining('more than 10000') },
    });
    expect(await service.get(anna, root)).toMatchObject({ id: root, version: 1 });
    await service.delete(anna, root + 1);
    await expect(service.get(anna, root + 10_000)).rejects.toMatchObject({ code: 'task_not_found' });
    await service.delete(anna, root);
    expect((await announced()).slice(-2)).toMatchObject([
      { type: 'task.many', data: { count: 10_000 } },
      { type: 'task.deleted', resource: { id: root } },
    ]);
  });
});

describe('what very many tasks refer to', () => {
  test('can be deleted up to ten thousand tasks; of one more, nothing is changed', async () => {
    const { service, anna, unitOfWork, storage } = parts;
    const { id } = await create({ topicId: 1 });
    storage.writer.run(
      `INSERT INTO tasks SELECT ?1 + value, user_id, content, status, priority, due_date, tags, NULL, NULL, 77,
        processing_status, enrichment_data, processed_at, created_at, updated_at, version
        FROM tasks, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 10001) SELECT value FROM n)
        WHERE id = ?1`,
      [id],
    );
    const before = (await announced()).length;
    const clear = () => unitOfWork.run((tx) => service.clearReference(tx, anna, { field: 'topicId', id: 77 }));
    await expect(clear()).rejects.toMatchObject({ entry: { status: 409 }, detail: { code: 'TASK_REFERENCES_TOO_MANY' } });
    expect(await service.get(anna, id + 1)).toMatchObject({ topicId: 77, version: 1 });
    expect(await announced()).toHaveLength(before);
    await service.setTopic(anna, id + 1, null);
    await clear();
    expect(await service.get(anna, id + 10_001)).toMatchObject({ topicId: null, version: 2 });
    expect((await announced()).slice(before + 1)).toMatchObject([{ type: 'task.many', data: { count: 10_000 } }]);
  });
});

/** @returns the number of a task that, with its subtasks, makes so many. */
async function createFamily(size: number): Promise<number> {
  const { topic: _none, id, ...draft } = await create();
  await parts.unitOfWork.run(async (tx) => {
    for (let count = 1; count < size; count += 1) await parts.tasks.insert(tx, { ...draft, parentId: id });
  });
  return id;
}
