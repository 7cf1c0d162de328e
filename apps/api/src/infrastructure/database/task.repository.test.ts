import { SqliteSession, type SqlValue } from '@friday/realtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTasks, type TaskParts } from '../../../test/support/tasks.ts';
import type { Task, TaskDraft } from '../../domain/task.ts';
import type { TaskFilter } from '../../domain/task-ports.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { SqlTaskRepository } from './task.repository.ts';

let parts: TaskParts;

beforeAll(() => {
  parts = openTasks();
});
afterAll(() => parts.close());

const insert = (draft: Partial<TaskDraft> = {}): Promise<Task> =>
  parts.unitOfWork.run((tx) =>
    parts.tasks.insert(tx, {
      userId: parts.anna.userId,
      content: 'a task',
      status: 'todo',
      priority: 'medium',
      dueDate: null,
      tags: [],
      parentId: null,
      noteId: null,
      topicId: null,
      processingStatus: 'pending',
      enrichmentData: null,
      processedAt: null,
      createdAt: 1,
      updatedAt: 1,
      version: 1,
      ...draft,
    }),
  );

test('what is written is read as it was', async () => {
  const parent = await insert();
  const task = await insert({
    content: '👋 "quoted"',
    status: 'in_progress',
    priority: 'urgent',
    dueDate: 253_402_300_799_000,
    tags: ['a', '"', ''],
    parentId: parent.id,
    topicId: 9,
    processingStatus: 'completed',
    enrichmentData: { title: 'x', nested: [null] },
    processedAt: 5,
    updatedAt: 6,
    version: 3,
  });
  expect(await parts.tasks.find(parts.anna.userId, task.id)).toEqual(task);
  expect(await parts.tasks.find(parts.bert.userId, task.id)).toBeUndefined();
  const changed: Task = { ...task, priority: 'low', enrichmentData: null, tags: [], version: 4 };
  await parts.unitOfWork.run((tx) => parts.tasks.update(tx, changed));
  expect(await parts.tasks.find(parts.anna.userId, task.id)).toEqual(changed);
});

describe('a list', () => {
  const lists = async (filter: TaskFilter, page = { page: 1, size: 100 }) => {
    const { items, total } = await parts.tasks.list(parts.bert.userId, filter, page);
    return { contents: items.map(({ content }) => content), total };
  };

  beforeAll(async () => {
    const { userId } = parts.bert;
    const top = await insert({ userId, content: 'low', priority: 'low', topicId: 3 });
    await insert({ userId, content: 'high late', priority: 'high', dueDate: 2_000, status: 'done' });
    await insert({ userId, content: 'high soon', priority: 'high', dueDate: 1_000, parentId: top.id });
    await insert({ userId, content: 'high sometime', priority: 'high', parentId: top.id });
    await insert({ userId, content: 'high sometime too', priority: 'high', status: 'done' });
    await insert({ userId, content: 'urgent', priority: 'urgent', dueDate: 9_000 });
    await insert({ userId, content: 'medium' });
  });

  test('begins with the most urgent; of these with no due date, then with the earliest', async () => {
    expect(await lists({})).toEqual({
      contents: ['urgent', 'high sometime', 'high sometime too', 'high soon', 'high late', 'medium', 'low'],
      total: 7,
    });
  });

  test.each<[TaskFilter, string[]]>([
    [{ status: 'done' }, ['high sometime too', 'high late']],
    [{ status: 'in_progress' }, []],
    [{ priority: 'low' }, ['low']],
    [{ dueBefore: 2_000 }, ['high soon', 'high late']],
    [{ dueAfter: 2_000 }, ['urgent', 'high late']],
    [{ dueAfter: 1_000, dueBefore: 1_000 }, ['high soon']],
    [{ dueAfter: 3_000, dueBefore: 1_000 }, []],
    [{ topicId: 3 }, ['low']],
    [{ status: 'done', dueBefore: 9_000 }, ['high late']],
  ])('%j holds what matches all of it, and counts no more', async (filter, contents) => {
    expect(await lists(filter)).toEqual({ contents, total: contents.length });
    expect(await lists(filter, { page: 9, size: 1 })).toEqual({ contents: [], total: contents.length });
  });

  test('of subtasks has the direct ones only', async () => {
    const [low] = (await parts.tasks.list(parts.bert.userId, { priority: 'low' }, { page: 1, size: 1 })).items;
    const filter = { parentId: low?.id ?? 0 };
    expect(await lists(filter)).toEqual({ contents: ['high sometime', 'high soon'], total: 2 });
    expect(await lists(filter, { page: 2, size: 1 })).toEqual({ contents: ['high soon'], total: 2 });
  });
});

describe('families', () => {
  const family = (id: number, limit = 10_000) => parts.unitOfWork.run((tx) => parts.tasks.family(tx, id, limit));
  const isWithin = (id: number, other: number) => parts.unitOfWork.run((tx) => parts.tasks.isWithin(tx, id, other));

  test('have parents before their children, and no one else', async () => {
    const root = await insert();
    const second = await insert({ parentId: root.id });
    const beside = await insert({ parentId: root.id, version: 4 });
    const third = await insert({ parentId: second.id });
    const early = await insert({ parentId: third.id });
    await insert();
    expect((await family(root.id)).map(({ id }) => id)).toEqual([root.id, second.id, beside.id, third.id, early.id]);
    expect((await family(root.id, 3)).map(({ id }) => id)).toEqual([root.id, second.id, beside.id]);
    expect(await family(beside.id)).toEqual([{ id: beside.id, version: 4 }]);
    expect(await isWithin(early.id, root.id)).toBe(true);
    expect(await isWithin(root.id, root.id)).toBe(true);
    expect(await isWithin(root.id, early.id)).toBe(false);
    expect(await isWithin(beside.id, second.id)).toBe(false);
    await parts.unitOfWork.run((tx) => parts.tasks.deleteFamily(tx, second.id));
    expect((await family(root.id)).map(({ id }) => id)).toEqual([root.id, beside.id]);
  });

  test('can be as deep as they like', async () => {
    const root = await insert();
    let last = root;
    await parts.unitOfWork.run(async (tx) => {
      for (let depth = 0; depth < 5_000; depth += 1) last = await parts.tasks.insert(tx, { ...root, parentId: last.id });
    });
    expect(await isWithin(last.id, root.id)).toBe(true);
    expect(await family(root.id)).toHaveLength(5_001);
    await parts.unitOfWork.run((tx) => parts.tasks.deleteFamily(tx, root.id));
    expect(await family(root.id)).toEqual([]);
  });
});

test('a reference is cleared for its user only, and each task has its next version', async () => {
  const own = [await insert({ topicId: 77 }), await insert({ topicId: 77, version: 5 }), await insert({ topicId: 78 })];
  const foreign = await insert({ userId: parts.bert.userId, topicId: 77 });
  const cleared = { userId: parts.anna.userId, field: 'topicId', id: 77, now: 42 } as const;
  const changed = await parts.unitOfWork.run((tx) => parts.tasks.clearReference(tx, cleared, 10));
  expect(changed).toEqual([
    { id: own[0]?.id, version: 2 },
    { id: own[1]?.id, version: 6 },
  ]);
  expect(await parts.tasks.find(parts.anna.userId, own[1]?.id ?? 0)).toEqual({
    ...own[1],
    topicId: null,
    version: 6,
    updatedAt: 42,
  });
  expect((await parts.tasks.find(parts.bert.userId, foreign.id))?.topicId).toBe(77);
});

/** A session that keeps what it is asked. */
class ListeningSession extends SqliteSession {
  readonly asked: { sql: string; parameters: readonly SqlValue[] }[] = [];

  override run<Row>(sql: string, parameters: readonly SqlValue[] = []) {
    this.asked.push({ sql, parameters });
    return super.run<Row>(sql, parameters);
  }
}

describe('an index serves', () => {
  const plansOf = async (filter: TaskFilter) => {
    const { reader, writer } = parts.storage;
    const session = new ListeningSession(reader.database);
    const tasks = new SqlTaskRepository(new SqliteDatabase(writer, session));
    await tasks.list(parts.anna.userId, filter, { page: 1, size: 50 });
    return session.asked.map(({ sql, parameters }) =>
      reader
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters)
        .map(({ detail }) => detail)
        .join('; '),
    );
  };

  test.each<[string, TaskFilter]>([
    ['tasks_in_order', {}],
    ['tasks_in_order', { priority: 'high' }],
    ['tasks_in_order', { dueBefore: 5, dueAfter: 1 }],
    ['tasks_by_status', { status: 'todo' }],
    ['tasks_by_status', { status: 'todo', priority: 'high', dueAfter: 1 }],
    ['tasks_by_parent', { parentId: 1 }],
    ['tasks_by_topic', { topicId: 1 }],
  ])('(%s) the list that is filtered by %j, in its order', async (index, filter) => {
    const [list, count, ...more] = await plansOf(filter);
    expect(list).toContain(`USING INDEX ${index}`);
    expect(list).not.toContain('TEMP B-TREE');
    expect(count).toMatch(/^SEARCH tasks USING (COVERING )?INDEX tasks_/);
    expect(more).toEqual([]);
  });
});
