import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { within } from './until.ts';

/** Long: on a busy machine a process may take its time. */
const START_WITHIN_MS = 30_000;

/** A program that runs as a process of its own. */
export interface Program {
  /** The first line that it wrote. */
  readonly firstLine: string;
  /** Ends it as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Runs a program of this repository and waits for its first line. It is killed when the test has ended. */
export async function startProgram(path: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const child = spawn(process.execPath, ['--conditions=source', path], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await within('the end of the program', exited, START_WITHIN_MS);
  };
  onTestFinished(kill);
  const faults = text(child.stderr);
  const gone = exited.then(async () => Promise.reject(new Error(`The program ended before it wrote a line: ${await faults}`)));
  const line = once(createInterface(child.stdout), 'line');
  const [firstLine] = await within('a line of the program', Promise.race([line, gone]), START_WITHIN_MS);
  return { firstLine: String(firstLine), kill };
}
