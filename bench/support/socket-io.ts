import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { profiling } from './friday.ts';
import { processorMs, residentBytes } from './process-figures.ts';
import type { EmitOrder, EmitReport } from './socket-io-process.ts';

const PROGRAM = new URL('socket-io-process.ts', import.meta.url);

/** The peer that Friday is measured beside: a running Socket.IO 4 server. */
export interface SocketIo {
  readonly port: number;
  /** Resident memory in bytes. */
  residentBytes(): Promise<number>;
  /** Processor time so far, in milliseconds. */
  processorMs(): Promise<number>;
  /** Has it send messages to all. @returns how many it sent. */
  emit(order: EmitOrder): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it in a process of its own. */
export async function startSocketIo(): Promise<SocketIo> {
  const child = fork(PROGRAM, { execArgv: [...profiling(), '--conditions=source'] });
  const first = await report(child);
  if (!('port' in first)) throw new Error('Socket.IO did not start.');
  const pid = child.pid ?? 0;
  return {
    port: first.port,
    residentBytes: () => residentBytes(pid),
    processorMs: () => processorMs(pid),
    emit: async (order) => {
      child.send(order);
      const done = await report(child);
      return 'emitted' in done ? done.emitted : 0;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function report(child: ChildProcess): Promise<EmitReport> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('Socket.IO ended.'));
    child.once('exit', onExit);
    child.once('message', (message: EmitReport) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}
