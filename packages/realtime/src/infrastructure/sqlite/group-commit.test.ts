import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { event, openTestLog, type TestLog } from '../../../test/support/test-log.ts';
import { openTracedWriter, type TracedSession } from '../../../test/support/traced-session.ts';
import type { CommitGroup } from '../../domain/metrics.ts';
import type { LogEntry, Transaction } from '../../domain/ports.ts';
import { GroupCommit, type GroupCommitDeps } from './group-commit.ts';
import { openWriter } from './session.ts';

interface Setup {
  readonly database: TestLog;
  readonly session: TracedSession;
  readonly groups: GroupCommit;
  readonly committed: LogEntry[];
  /** Writes a thing and announces it. */
  add(number: number): Promise<number>;
  /** The things that are committed. */
  things(): number[];
}

function setUp(options: Partial<GroupCommitDeps> = {}): Setup {
  const database = openTestLog();
  const session = openTracedWriter(database.path);
  onTestFinished(() => session.close());
  session.run('CREATE TABLE thing (number INTEGER PRIMARY KEY, fill BLOB)');
  const committed: LogEntry[] = [];
  const groups = new GroupCommit({
    session,
    append: (writer, units) => database.log.append(writer, units),
    onCommitted: (entries) => void committed.push(...entries),
    ...options,
  });
  return {
    database,
    session,
    groups,
    committed,
    add: (number) => groups.run((tx) => addThing(session, tx, number)),
    things: () => database.reader.all<{ number: number }>('SELECT number FROM thing ORDER BY rowid').map(({ number }) => number),
  };
}

function addThing(session: TracedSession, tx: Transaction, number: number): number {
  session.run('INSERT INTO thing (number) VALUES (?)', [number]);
  tx.notifications.push({ channel: 'user:ann', message: event(number) });
  return number;
}

/** Another connection begins to write, as another process does. @returns how it ends that. */
function occupy({ database }: Setup): () => void {
  const other = openWriter(database.path);
  onTestFinished(() => other.close());
  other.run('BEGIN IMMEDIATE');
  return () => void other.run('COMMIT');
}

function announced(entries: readonly LogEntry[]): Array<[seq: number, number: number]> {
  return entries.map(({ seq, json }) => [seq, JSON.parse(json).data.number]);
}

test('[I8] the units of one turn share one commit, and each is answered after it', async () => {
  const { session, add, things, committed } = setUp();
  expect(await Promise.all([add(1), add(2), add(3)])).toEqual([1, 2, 3]);
  expect(session.count('COMMIT')).toBe(1);
  expect(things()).toEqual([1, 2, 3]);
  expect(announced(committed)).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test('[I8] what is queued while a group commits is the next group', async () => {
  const { session, groups, add } = setUp();
  const first = groups.run(async (tx) => {
    void add(2);
    void add(3);
    await Promise.resolve();
    return addThing(session, tx, 1);
  });
  expect(await first).toBe(1);
  await groups.settled();
  expect(session.count('COMMIT')).toBe(2);
});

test('[I8] a unit that fails leaves the others as they are', async () => {
  const { session, groups, add, things, committed } = setUp();
  const failing = groups.run((tx) => {
    addThing(session, tx, 2);
    throw new Error('not today');
  });
  const results = await Promise.allSettled([add(1), failing, add(1), add(3)]);
  expect(results).toMatchObject([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: new Error('not today') },
    { status: 'rejected', reason: { errcode: 1555 } },
    { status: 'fulfilled', value: 3 },
  ]);
  expect(things()).toEqual([1, 3]);
  expect(announced(committed)).toEqual([
    [1, 1],
    [2, 3],
  ]);
});

test('[I1] neither data without their notification, nor a notification without its data', async () => {
  const { session, groups, things, committed, database } = setUp();
  const failing = groups.run((tx) => {
    addThing(session, tx, 1);
    throw new Error('after both');
  });
  await expect(failing).rejects.toThrow('after both');
  expect(things()).toEqual([]);
  expect(committed).toEqual([]);
  session.run('DROP TABLE realtime_log');
  await expect(groups.run((tx) => addThing(session, tx, 2))).rejects.toThrow('realtime_log');
  expect(things()).toEqual([]);
  expect((await database.log.heads(['user:ann']))[0]?.seq).toBe(0);
});

test('[I8] a full disk fails every unit of the group, leaves nothing half-written, and is over when there is room again', async () => {
  const { session, groups, add, things, committed, database } = setUp();
  await add(1);
  const pages = session.all<{ page_count: number }>('PRAGMA page_count')[0]?.page_count ?? 0;
  session.all(`PRAGMA max_page_count = ${pages + 3}`);
  const large = groups.run((tx) => {
    addThing(session, tx, 2);
    session.run('UPDATE thing SET fill = zeroblob(100000) WHERE number = 2');
  });
  const results = await Promise.allSettled([add(3), large, add(4)]);
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { errcode: 13 } });
  expect(things()).toEqual([1]);
  expect(announced(committed)).toEqual([[1, 1]]);
  session.all(`PRAGMA max_page_count = ${pages + 1_000}`);
  expect(await add(5)).toBe(5);
  expect(things()).toEqual([1, 5]);
  expect(announced(committed)).toEqual([
    [1, 1],
    [2, 5],
  ]);
  expect(announced(await database.log.read('user:ann', 0, 9))).toEqual(announced(committed));
});

test('[I7] nothing that is awaited stands between the commit and the answer', async () => {
  const order: string[] = [];
  const onCommitted = () => {
    order.push('committed');
    // A later turn of the event loop: whoever awaits anything there comes behind it.
    setImmediate(() => order.push('next turn'));
  };
  const { groups, session } = setUp({ onCommitted });
  await groups.run((tx) => addThing(session, tx, 1));
  order.push('answered');
  await turn();
  expect(session.statements.at(-1)?.sql).toBe('COMMIT');
  expect(order).toEqual(['committed', 'answered', 'next turn']);
});

test('[I2] no statement follows the numbering but the commit', async () => {
  const { session, add } = setUp();
  await Promise.all([add(1), add(2)]);
  const last = session.statements.map(({ sql }) => sql.trim().split(/\s+/).slice(0, 3).join(' ')).slice(-4);
  expect(last).toEqual(['INSERT INTO realtime_channel', 'INSERT INTO realtime_log', 'INSERT INTO realtime_log', 'COMMIT']);
});

test('what was committed is answered so, even when its announcement fails', async () => {
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  // The test runner's own listener would take it for a failure of the test.
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', onFailure);
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of before) process.on('unhandledRejection', listener);
  });
  const onCommitted = () => {
    throw new Error('no hub');
  };
  const { add, things, groups } = setUp({ onCommitted });
  expect(await add(1)).toBe(1);
  await turn();
  expect(await add(2)).toBe(2);
  await groups.settled();
  expect(things()).toEqual([1, 2]);
  await turn();
  expect(failures).toEqual([new Error('no hub'), new Error('no hub')]);
});

test('settled waits for all that is queued, and for nothing where nothing is', async () => {
  const { groups, add, things } = setUp();
  await groups.settled();
  void add(1);
  void add(2);
  await groups.settled();
  expect(things()).toEqual([1, 2]);
});

test('[I8] while another process writes, units wait and all else goes on; then they commit as one group', async () => {
  const setup = setUp();
  const { session, groups, add, things, database } = setup;
  await add(1);
  const release = occupy(setup);
  const results = [add(2)];
  while (session.count('BEGIN IMMEDIATE') < 3) {
    const start = performance.now();
    await wait(1);
    expect(performance.now() - start).toBeLessThan(1_000);
  }
  // Reads do not wait, and what comes now joins the group.
  expect(things()).toEqual([1]);
  expect((await database.log.heads(['user:ann']))[0]?.seq).toBe(1);
  results.push(add(3));
  await turn();
  release();
  expect(await Promise.all(results)).toEqual([2, 3]);
  await groups.settled();
  expect(things()).toEqual([1, 2, 3]);
  expect(session.count('COMMIT')).toBe(2);
});

test('[I8] units fail when another process writes for too long, and the next ones commit once it has ended', async () => {
  const told: CommitGroup[] = [];
  const setup = setUp({ maxWaitMs: 50, onGroup: (group) => void told.push(group) });
  const { groups, add, things, committed } = setup;
  const release = occupy(setup);
  const start = performance.now();
  const results = Promise.allSettled([add(1), add(2)]);
  await groups.settled();
  expect(performance.now() - start).toBeGreaterThanOrEqual(50);
  for (const result of await results) expect(result).toMatchObject({ status: 'rejected', reason: { errcode: 5 } });
  // Waiting is all that they did.
  expect(told).toMatchObject([{ committed: false, waits: [expect.any(Number), expect.any(Number)], workMs: 0 }]);
  for (const wait of told[0]?.waits ?? []) expect(wait).toBeGreaterThanOrEqual(50);
  release();
  expect(await add(3)).toBe(3);
  expect(things()).toEqual([3]);
  expect(announced(committed)).toEqual([[1, 3]]);
});

test('each transaction is told of: who was in it, how long they waited, what it took, and what it made durable', async () => {
  const told: CommitGroup[] = [];
  const { groups, add } = setUp({ onGroup: (group) => void told.push(group) });
  await Promise.allSettled([add(1), add(2), add(2), groups.run(() => 'nothing to announce')]);
  expect(told).toHaveLength(1);
  const [group] = told;
  expect(group).toMatchObject({ committed: true, notifications: 2 });
  expect(group?.waits).toHaveLength(4);
  for (const ms of [...(group?.waits ?? []), group?.workMs, group?.commitMs]) expect(ms).toBeGreaterThanOrEqual(0);
});
