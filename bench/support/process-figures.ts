/** What Linux tells of another process. Source: proc(5). */
import { readFile } from 'node:fs/promises';

/** Length of a clock tick in milliseconds: USER_HZ is 100 on all of today's Linux. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;
/** Places of user and system time in /proc/PID/stat, counted behind the name in brackets. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** Where a server that was asked to collect its garbage says what is left, in its data folder. */
export const HELD_FILE = 'held-bytes';

/** Resident memory in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Processor time of all its threads so far, in milliseconds. */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * TICK_MS;
}

/** What the kernel holds for all TCP sockets of the machine, in bytes. */
export async function socketBytes(): Promise<number> {
  const sockets = await readFile('/proc/net/sockstat', 'utf8');
  return Number(/TCP: .* mem (\d+)/.exec(sockets)?.[1]) * PAGE_BYTES;
}
