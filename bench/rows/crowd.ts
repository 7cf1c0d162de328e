/** 100,000 idle, authenticated connections, over as many processes as the file limit asks for. */
import { setTimeout as pause } from 'node:timers/promises';
import { addressesOf } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { newUsers } from '../support/batches.ts';
import { type Friday, startFriday } from '../support/friday.ts';
import { socketBytes } from '../support/process-figures.ts';
import { Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface CrowdSize {
  readonly servers: number;
  readonly connectionsEach: number;
  readonly usersEach: number;
  readonly settleMs: number;
}

const FULL: CrowdSize = { servers: 6, connectionsEach: 16_700, usersEach: 167, settleMs: 4_000 };
const AT_ONCE = 64;
const KIB = 1024;
const EACH_KIB = 8;

interface Node {
  readonly friday: Friday;
  readonly load: LoadProcess;
}

export async function crowd(size = FULL): Promise<Measured> {
  const nodes: Node[] = [];
  try {
    for (let index = 0; index < size.servers; index++) nodes.push({ friday: await startFriday(), load: new LoadProcess() });
    const before = await Promise.all(nodes.map(({ friday }) => friday.residentBytes()));
    const kernelBefore = await socketBytes();
    const start = performance.now();
    await Promise.all(nodes.map((node, index) => fill(node, index, size)));
    const tookMs = performance.now() - start;
    await pause(size.settleMs);
    const after = await Promise.all(nodes.map(({ friday }) => friday.residentBytes()));
    const count = size.servers * size.connectionsEach;
    const grown = after.reduce((sum, bytes, index) => sum + bytes - (before[index] ?? 0), 0);
    const what = `${count} connections over ${size.servers} processes`;
    return {
      rows: [
        { what: `${what}: opened`, value: (count * 1000) / tookMs, unit: '/s' },
        { what: `${what}: resident memory each`, value: grown / count / KIB, unit: 'KiB', target: EACH_KIB },
        {
          what: `${what}: the kernel's memory each, both ends`,
          value: ((await socketBytes()) - kernelBefore) / count / KIB,
          unit: 'KiB',
        },
      ],
      raw: { size, before, after, tookMs },
    };
  } finally {
    await Promise.all(nodes.map(({ load }) => load.end()));
    await Promise.all(nodes.map(({ friday }) => friday.stop()));
  }
}

async function fill({ friday, load }: Node, index: number, { connectionsEach: count, usersEach }: CrowdSize): Promise<void> {
  const rest = new Rest(friday.port, 10);
  const users = (await newUsers(rest, usersEach)).map((token) => ({ token }));
  rest.close();
  const order = { dialect: 'friday', port: friday.port, count, atOnce: AT_ONCE, users, addresses: addressesOf(index) } as const;
  const { failed } = await load.call('connect', order);
  if (failed > 0) throw new Error(`${failed} of ${count} connections could not be opened.`);
}
