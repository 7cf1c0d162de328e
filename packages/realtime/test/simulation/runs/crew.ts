/** Worker processes that share tasks, so that all cores simulate. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Finding, Task } from './task.ts';

export interface CrewOptions {
  /** Processes, one at least. */
  readonly workers: number;
  /** In the order in which they are handed out. */
  readonly tasks: Iterable<Task>;
  /** Told of each task that is done. @returns false when no more are to be handed out. */
  readonly onDone: (task: Task, findings: readonly Finding[]) => boolean;
}

/**
 * Has all tasks done.
 * @throws Error when a worker ends before its task does.
 */
export async function work({ workers, tasks, onDone }: CrewOptions): Promise<void> {
  // Where tests measure what they cover, copies of the code with bugs are not meant.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const left = tasks[Symbol.iterator]();
  let stops = false;
  const next = () => (stops ? undefined : left.next().value);
  const one = async () => {
    const child = fork(new URL('worker.ts', import.meta.url), { execArgv: ['--conditions=source'], env });
    const gone = once(child, 'exit');
    try {
      for (let task: Task | undefined = next(); task; task = next()) {
        if (!onDone(task, await perform(child, task))) stops = true;
      }
    } catch (error) {
      stops = true;
      throw error;
    } finally {
      if (child.connected) child.disconnect();
      await gone;
    }
  };
  await Promise.all(Array.from({ length: workers }, one));
}

function perform(child: ChildProcess, task: Task): Promise<readonly Finding[]> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null) =>
      reject(new Error(`A worker ended with ${code ?? signal} while it did ${JSON.stringify(task)}.`));
    child.once('exit', onExit);
    child.once('message', (findings: readonly Finding[]) => {
      child.off('exit', onExit);
      resolve(findings);
    });
    child.send(task);
  });
}
