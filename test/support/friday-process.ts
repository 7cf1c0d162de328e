/** The real server as a process of its own, as `npm start` runs it; for tests that stop, kill and start it again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');
/** How long starting may take, in milliseconds: more than enough on a busy machine. */
const START_WITHIN = 20_000;

export interface FridayProcess {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly pid: number;
  /** Lines of its log so far, parsed. */
  readonly log: ReadonlyArray<Readonly<Record<string, unknown>>>;
  /** All that it has written so far, to its standard output and its standard error, as it is. */
  output(): string;
  /** Asks it to end. @param signal SIGTERM unless given. @returns its exit code once it has. */
  stop(signal?: 'SIGTERM' | 'SIGINT' | 'SIGUSR2'): Promise<number | null>;
  /** Ends it as a power cut would (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
}

/** A server that ended instead of listening. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly exitCode: number | null;
  /** What it wrote to its standard error. */
  readonly said: string;

  constructor(exitCode: number | null, said: string) {
    super(`The server ended with ${exitCode}: ${said}`);
    this.exitCode = exitCode;
    this.said = said;
  }
}

/** Of this process's environment it gets what finds programs and what measures coverage, and no settings. */
function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  return { PATH, NODE_V8_COVERAGE, FRIDAY_PORT: '0', FRIDAY_RATE_LIMITS: 'off', FRIDAY_DRAIN_SECONDS: '0', ...settings };
}

export interface StartOptions {
  /** What to put before the command, such as a program that runs it in a world of its own. The command must stay the same process. */
  readonly before?: readonly string[] | undefined;
  /** Kills it, whether or not it listens. */
  readonly killAt?: AbortSignal | undefined;
}

/**
 * Starts a server and waits until it listens. `settings` are its variables; `FRIDAY_DATA_DIR` must be among them, the port is any that
 * is free unless one is given.
 * @throws StartRefused when it ends before it listens.
 */
export async function startFridayProcess(
  settings: Readonly<Record<string, string>>,
  { before = [], killAt }: StartOptions = {},
): Promise<FridayProcess> {
  const [program = '', ...args] = [...before, process.execPath, '--conditions=source', 'apps/api/src/main.ts'];
  const child = spawn(program, args, { cwd: ROOT, env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  killAt?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const gone = once(child, 'close');
  const deadline = setTimeout(() => child.kill('SIGKILL'), START_WITHIN);
  const log: Array<Record<string, unknown>> = [];
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  try {
    const url = await listening(child, log);
    return {
      url,
      pid: child.pid ?? 0,
      log,
      output: () => output,
      stop: async (signal = 'SIGTERM') => {
        child.kill(signal);
        await gone;
        return child.exitCode;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await gone;
      },
    };
  } finally {
    clearTimeout(deadline);
  }
}

/** Collects the log. @returns the address, once a line says it. */
function listening(child: ChildProcess, log: Array<Record<string, unknown>>): Promise<string> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('The server was started without pipes.');
  return new Promise((found, refused) => {
    let said = '';
    stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    createInterface({ input: stdout }).on('line', (text) => {
      // A kill may cut the last line.
      if (!text.endsWith('}')) return;
      const line = JSON.parse(text) as Record<string, unknown>;
      log.push(line);
      if (line['msg'] === 'listening') found(String(line['url']));
    });
    child.on('error', refused);
    child.on('close', (code) => refused(new StartRefused(code, said)));
  });
}
