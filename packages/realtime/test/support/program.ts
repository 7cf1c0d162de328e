import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { within } from './until.ts';

/** A program that runs as a process of its own. */
export interface Program {
  /** The first line that it wrote. */
  readonly firstLine: string;
  /** Ends it, by default as `kill -9` does, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Runs a program of this repository and waits for its first line. It is killed when the test has ended. */
export async function startProgram(path: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const child = spawn(process.execPath, ['--conditions=source', path], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await within('the end of the program', exited);
  };
  onTestFinished(() => kill());
  const faults = text(child.stderr);
  const gone = exited.then(async () => Promise.reject(new Error(`The program ended before it wrote a line: ${await faults}`)));
  const [firstLine] = await within('a line of the program', Promise.race([once(createInterface(child.stdout), 'line'), gone]));
  gone.catch(() => undefined);
  return { firstLine: String(firstLine), kill };
}
