/** Runs the workshop's tools: always with this Node, never with another one that the machine may have. */
import { spawn } from 'node:child_process';
import { delimiter, dirname, resolve } from 'node:path';

/** The repository's folder, absolute. */
export const ROOT = resolve(import.meta.dirname, '..');

export interface RunOptions {
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the output goes straight to ours (`show`, then `output` is empty) or is collected. */
  readonly output?: 'show' | 'collect';
}

export interface RunResult {
  readonly exitCode: number;
  /** What the command wrote to both its outputs. */
  readonly output: string;
}

/** PATH as npm sets it for scripts, this Node's folder before all: tools start as `#!/usr/bin/env node`. */
function toolPath(): string {
  return [dirname(process.execPath), resolve(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
}

/**
 * Runs a command of `node_modules/.bin`, or of the machine, in the repository's folder.
 * @returns its exit code, 1 where a signal ended it. Rejects when it cannot be started.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: toolPath(), ...options.env },
    stdio: options.output === 'show' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ exitCode: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
