/** The real server in a process of its own, on a free port and an empty data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const MAIN = new URL('../../apps/api/src/main.ts', import.meta.url).pathname;
const START_MS = 15_000;

/** A running server. */
export interface Friday {
  readonly port: number;
  /** Resident memory in bytes. */
  residentBytes(): Promise<number>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/** Starts a server without rate limits. */
export async function startFriday(settings: Readonly<Record<string, string>> = {}): Promise<Friday> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'friday-bench-'));
  const env = {
    ...process.env,
    FRIDAY_PORT: String(port),
    FRIDAY_DATA_DIR: folder,
    FRIDAY_RATE_LIMITS: 'off',
    FRIDAY_LOG_LEVEL: 'error',
    ...settings,
  };
  const child = spawn(process.execPath, ['--conditions=source', MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await ready(child, port);
  return {
    port,
    residentBytes: () => residentBytes(child),
    stop: async () => {
      if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
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

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
