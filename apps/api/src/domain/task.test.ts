import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changeTask,
  draftTask,
  type NewTask,
  TASK_STATUSES,
  type Task,
  type TaskChanges,
  taskAction,
  UNPROCESSED,
} from './task.ts';
import type { GivenTime } from './time.ts';

const NOW = Date.parse('2026-05-01T12:00:00.250Z');
const LATER = NOW + 5_000;

const input: NewTask = {
  content: ' write the report ',
  status: 'todo',
  priority: 'medium',
  dueDate: null,
  tags: [],
  parentId: null,
  noteId: null,
  topicId: null,
};
const task: Task = { id: 7, ...draftTask('anna', input, NOW) };
const processed: Task = {
  ...task,
  processingStatus: 'completed',
  enrichmentData: { title: 'Report', metadata: { a: 1 } },
  processedAt: NOW,
};

const zoned = (ms: number): GivenTime => ({ ms, zoned: true });
const drafted = (changes: Partial<NewTask>) => draftTask('anna', { ...input, ...changes }, NOW);
const change = (changes: TaskChanges, from = task) => changeTask(from, changes, LATER);

describe('a new task', () => {
  test('is pending, at version 1, changed when it was created, its content as it was given', () => {
    expect(drafted({ tags: ['a', 'a'] })).toEqual({
      ...input,
      userId: 'anna',
      tags: ['a', 'a'],
      processingStatus: 'pending',
      enrichmentData: null,
      processedAt: null,
      createdAt: NOW,
      updatedAt: NOW,
      version: 1,
    });
  });

  test.each([' ', '\n\t', '\u00a0\u3000'])('needs more than white space (%#)', (content) => {
    expect(() => drafted({ content })).toThrow(expect.objectContaining({ code: 'TASK_CONTENT_ERROR' }));
  });

  test('is due in whole seconds, from now on', () => {
    expect(drafted({ dueDate: zoned(NOW) }).dueDate).toBe(NOW - 250);
    expect(drafted({ dueDate: zoned(NOW + 1_999) }).dueDate).toBe(NOW + 1_750);
    expect(() => drafted({ dueDate: zoned(NOW - 1) })).toThrow('Due date cannot be in the past');
  });

  test('is due at a time of a known zone', () => {
    expect(() => drafted({ dueDate: { ms: LATER, zoned: false } })).toThrow(
      expect.objectContaining({ code: 'TASK_DATE_ERROR', message: 'Due date must name its time zone' }),
    );
  });

  test.each([0, -1])('has no parent of number %i', (parentId) => {
    expect(() => drafted({ parentId })).toThrow(expect.objectContaining({ code: 'TASK_PARENT_ERROR' }));
  });
});

describe('a changed task', () => {
  test.each<[TaskChanges, string[]]>([
    [{ content: 'other' }, ['content']],
    [{ status: 'in_progress', priority: 'urgent' }, ['status', 'priority']],
    [{ tags: ['x'], dueDate: zoned(LATER) }, ['dueDate', 'tags']],
    [{ parentId: 1, noteId: 2, topicId: 3 }, ['parentId', 'noteId', 'topicId']],
    [{ processingStatus: 'failed' }, ['processingStatus']],
  ])('%j names its fields and has the next version', (changes, fields) => {
    const { task: after, changed } = change(changes);
    expect(changed).toEqual(fields);
    expect(after).toMatchObject({ version: 2, updatedAt: LATER, createdAt: NOW, id: 7 });
  });

  test.each<TaskChanges>([
    {},
    { content: task.content, status: 'todo', priority: 'medium', tags: [], dueDate: null },
    { parentId: null, noteId: null, topicId: null, processingStatus: 'pending' },
    UNPROCESSED,
  ])('[P15] %j differs in nothing: it is the same task', (changes) => {
    expect(change(changes)).toEqual({ task, changed: [] });
    expect(change(changes).task).toBe(task);
  });

  test('is processed anew when its content is given, even the same', () => {
    const { task: after, changed } = change({ content: task.content }, processed);
    expect(changed).toEqual(['processingStatus', 'enrichmentData', 'processedAt']);
    expect(after).toMatchObject({ ...UNPROCESSED, version: 2 });
  });

  test('is pending when content and a processing status are given together', () => {
    expect(change({ content: 'new', processingStatus: 'completed' }, processed).task).toMatchObject(UNPROCESSED);
  });

  test('may keep a due date that has passed, but not be given another one', () => {
    const late: Task = { ...task, dueDate: NOW - 60_250 };
    expect(change({ dueDate: zoned(NOW - 60_250) }, late).changed).toEqual([]);
    expect(change({ dueDate: zoned(NOW - 60_001), status: 'done' }, late).changed).toEqual(['status']);
    expect(() => change({ dueDate: zoned(NOW - 61_251) }, late)).toThrow('Due date cannot be in the past');
    expect(() => change({ dueDate: { ms: NOW - 60_250, zoned: false } }, late)).toThrow('Due date must name its time zone');
    expect(change({ dueDate: null }, late).task.dueDate).toBeNull();
  });

  test('keeps to the rules of a new one, and is not its own parent', () => {
    expect(() => change({ content: ' ' })).toThrow('Task content cannot be empty');
    expect(() => change({ parentId: 0 })).toThrow('Parent task must have a number above 0');
    expect(() => change({ parentId: 7 })).toThrow(
      expect.objectContaining({ code: 'TASK_PARENT_ERROR', message: 'Parent task cannot be the task itself' }),
    );
    expect(change({ parentId: 8 }).task.parentId).toBe(8);
  });

  test('can go from each status to each', () => {
    for (const from of TASK_STATUSES)
      for (const to of TASK_STATUSES) expect(change({ status: to }, { ...task, status: from }).task.status).toBe(to);
  });

  test('[P15] a change of one field is one version more, whatever it is', () => {
    const changes = fc.record(
      {
        content: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
        status: fc.constantFrom(...TASK_STATUSES),
        tags: fc.array(fc.string(), { maxLength: 3 }),
        parentId: fc.option(fc.integer({ min: 8 })),
        topicId: fc.option(fc.integer({ min: 1 })),
        dueDate: fc.option(fc.integer({ min: LATER, max: 4e12 }).map(zoned)),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const once = change(first);
        expect(once.task.version).toBe(once.changed.length === 0 ? 1 : 2);
        expect(change(first, once.task).changed).toEqual([]);
        const twice = change(second, once.task);
        expect(twice.changed.every((field) => field in second || 'content' in second)).toBe(true);
      }),
    );
  });
});

test('[P15] becoming done is an event of its own, being done is not', () => {
  const done = change({ status: 'done', tags: ['x'] });
  expect(taskAction(done.task, done.changed)).toBe('completed');
  const after = change({ status: 'done', tags: [] }, done.task);
  expect(taskAction(after.task, after.changed)).toBe('updated');
  const undone = change({ status: 'todo' }, done.task);
  expect(taskAction(undone.task, undone.changed)).toBe('updated');
});
