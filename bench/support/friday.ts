/** The real server in a process of its own, on a free port and an empty data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Variant } from './friday-variant.ts';
import { HELD_FILE, processorMs, residentBytes } from './process-figures.ts';

const MAIN = new URL('../../apps/api/src/main.ts', import.meta.url);
const VARIANT = new URL('friday-variant.ts', import.meta.url);
const START_MS = 15_000;
const COLLECTED_WITHIN_MS = 15_000;
/** The file limit of a process is what ends it, not the server's own limits. */
const NO_LIMITS = {
  FRIDAY_RATE_LIMITS: 'off',
  FRIDAY_DRAIN_SECONDS: '0',
  FRIDAY_MAX_CONNECTIONS: '1000000',
  FRIDAY_MAX_CONNECTIONS_PER_USER: '1000000',
  FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '1000000',
  FRIDAY_MAX_UNAUTHENTICATED_CONNECTIONS: '1000000',
};

/** A running server. */
export interface Friday {
  readonly port: number;
  /** Where its data is. */
  readonly folder: string;
  /** Resident memory in bytes. */
  residentBytes(): Promise<number>;
  /** Processor time so far, in milliseconds. */
  processorMs(): Promise<number>;
  /** Has it collect its garbage, where it is the variant that does so. @returns the bytes of objects and buffers that are left. */
  collect(): Promise<number>;
  /** Ends the process with `kill -9` and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data; resolves at once, the server needs a while. */
  start(): void;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/** A server with something composed out of it: friday-variant.ts says what. */
export function startVariant(variant: Variant, settings: Readonly<Record<string, string>> = {}): Promise<Friday> {
  return startFriday({ ...settings, FRIDAY_BENCH_VARIANT: variant }, VARIANT);
}

/**
 * Starts a server without limits on rates and counts.
 * @param program what is run instead of the server itself: one that is composed from its parts in another way.
 */
export async function startFriday(settings: Readonly<Record<string, string>> = {}, program = MAIN): Promise<Friday> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'friday-bench-'));
  const env = {
    ...process.env,
    ...NO_LIMITS,
    FRIDAY_PORT: String(port),
    FRIDAY_DATA_DIR: folder,
    FRIDAY_LOG_LEVEL: 'error',
    ...settings,
  };
  const args = [...profiling(), '--conditions=source', program.pathname];
  const run = () => spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  let child = run();
  // A measurement that fails leaves nothing behind.
  const abandon = () => child.kill('SIGKILL');
  process.once('exit', abandon);
  await ready(child, port);
  return {
    port,
    folder,
    residentBytes: () => residentBytes(child.pid ?? 0),
    processorMs: () => processorMs(child.pid ?? 0),
    collect: () => collect(child, join(folder, HELD_FILE)),
    kill: () => end(child, 'SIGKILL'),
    start: () => {
      child = run();
    },
    stop: async () => {
      process.off('exit', abandon);
      await end(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** With `FRIDAY_BENCH_PROFILE=FOLDER`, the servers write where their processor time went. */
export function profiling(): string[] {
  const folder = process.env['FRIDAY_BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}

async function collect(child: ChildProcess, file: string): Promise<number> {
  const deadline = performance.now() + COLLECTED_WITHIN_MS;
  child.kill('SIGUSR2');
  while (performance.now() < deadline) {
    const held = await readFile(file, 'utf8').catch(() => undefined);
    if (held !== undefined) {
      await rm(file);
      return Number(held);
    }
    await pause(20);
  }
  throw new Error(`The server has not collected its garbage within ${COLLECTED_WITHIN_MS} ms.`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.kill(signal)) await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`The server was not ready within ${START_MS} ms.`);
}
