/** The `friday` command as an owner runs it: a process of its own, beside the server or without one. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Settings } from './server-host.ts';

/** How a run ended, and what it said. */
export interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  /** The folder in which it is started; the repository's unless given. */
  readonly cwd?: string;
  /** The program, and what stands before the command's own arguments. */
  readonly program?: readonly [string, ...string[]];
  /** What to put before the program, such as another that runs it in a world of its own. */
  readonly before?: readonly string[];
  /** Kills it. */
  readonly killAt?: AbortSignal;
}

const ROOT = new URL('../../../../', import.meta.url);
const PROGRAM = [process.execPath, '--conditions=source', new URL('apps/api/src/cli/main.ts', ROOT).pathname] as const;

/** Runs it to its end. Of this process's environment it gets what finds programs and measures coverage, and no settings. */
export async function friday(args: readonly string[], settings: Settings, surroundings: Surroundings = {}): Promise<Ran> {
  const { cwd = ROOT, program = PROGRAM, before = [], killAt } = surroundings;
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const [file = '', ...all] = [...before, ...program, ...args];
  const env = { PATH, NODE_V8_COVERAGE, ...settings };
  const child = spawn(file, all, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  killAt?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [exitCode, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, out, err };
}

/** What `--json` printed. */
export function jsonOf({ out }: Ran): Record<string, unknown> {
  return JSON.parse(out);
}
