/** 5,000 clients reconnect at once, each with ten notifications to catch up on, while 200 live ones measure delivery. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { inBatches, userName } from '../support/batches.ts';
import { startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { bearer, Rest } from '../support/rest.ts';
import { SocketClient } from '../support/socket-client.ts';
import type { Row } from '../support/table.ts';

const LIVE = 200;
const STORM_USERS = 100;
export const STORM_CLIENTS = 5_000;
const MISSED = 10;
const WRITES_PER_SECOND = 200;

/** What the storm's process is told, and what it answers. */
export interface StormOrder {
  readonly port: number;
  readonly users: ReadonlyArray<{ readonly token: string; readonly position: string }>;
}
export interface StormReport {
  readonly tookMs: number;
  readonly liveAfterMs: readonly number[];
  readonly missing: number;
}

export async function storm(): Promise<Row[]> {
  const friday = await startFriday({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '10000', FRIDAY_ADMISSION_SECONDS: '60' });
  const rest = new Rest(friday.port, 50);
  try {
    const users = await inBatches(STORM_USERS, 50, (index) => missedUser(rest, friday.port, userName(index)));
    const sentAt = new Map<string, number>();
    const latencies: number[] = [];
    const tokens = await inBatches(LIVE, 50, async (index) =>
      listen(rest, friday.port, { name: userName(STORM_USERS + index), sentAt, latencies }),
    );
    await write(rest, { tokens, sentAt, forMs: 3_000 });
    latencies.length = 0;
    await write(rest, { tokens, sentAt, forMs: 5_000 });
    const before = latencies.splice(0);
    const child = fork(new URL('../support/storm-process.ts', import.meta.url), { execArgv: ['--conditions=source'] });
    const failed = once(child, 'exit').then(() => Promise.reject(new Error('The storm ended before its report.')));
    failed.catch(() => undefined);
    let report: StormReport | undefined;
    child.once('message', (message: StormReport) => {
      report = message;
    });
    child.send({ port: friday.port, users } satisfies StormOrder);
    await write(rest, { tokens, sentAt, forMs: 60_000, done: () => report !== undefined });
    if (!report) return await failed;
    child.kill('SIGKILL');
    return rows(before, latencies, report);
  } finally {
    rest.close();
    await friday.stop();
  }
}

function rows(before: readonly number[], during: readonly number[], { tookMs, liveAfterMs, missing }: StormReport): Row[] {
  const perSecond = STORM_CLIENTS / (tookMs / 1_000);
  return [
    { what: 'storm: delivery to 200 live clients before, p50', value: percentile(before, 0.5), unit: 'ms' },
    { what: 'storm: delivery to 200 live clients before, p99', value: percentile(before, 0.99), unit: 'ms' },
    { what: 'storm: delivery to 200 live clients during, p50', value: percentile(during, 0.5), unit: 'ms' },
    { what: 'storm: delivery to 200 live clients during, p99', value: percentile(during, 0.99), unit: 'ms' },
    { what: 'storm: clients live a second, of 5,000 that resume', value: perSecond, unit: '/s' },
    {
      what: 'storm: from TCP connect to live, p99',
      value: percentile(liveAfterMs, 0.99),
      unit: 'ms',
      target: (1.2 * STORM_CLIENTS * 1_000) / perSecond,
    },
    { what: 'storm: missed notifications that did not arrive', value: missing, unit: '', target: 0 },
  ];
}

/** A user who has missed ten notes since the position. */
async function missedUser(rest: Rest, port: number, name: string): Promise<{ token: string; position: string }> {
  const token = await rest.newUser(name);
  const client = new SocketClient({ port, token });
  await client.live;
  client.cut();
  for (let note = 0; note < MISSED; note++) await rest.post('/v1/notes', { content: `Missed note ${note}` }, bearer(token));
  return { token, position: client.position };
}

interface Listening {
  readonly name: string;
  readonly sentAt: Map<string, number>;
  readonly latencies: number[];
}

async function listen(rest: Rest, port: number, { name, sentAt, latencies }: Listening): Promise<string> {
  const token = await rest.newUser(name);
  const onNotification = (text: string) => {
    const sent = sentAt.get(JSON.parse(text).origin);
    if (sent !== undefined) latencies.push(performance.now() - sent);
  };
  await new SocketClient({ port, token, onNotification }).live;
  return token;
}

interface Writing {
  readonly tokens: readonly string[];
  readonly sentAt: Map<string, number>;
  readonly forMs: number;
  readonly done?: () => boolean;
}

/** Writes at a fixed pace until the time is up or it is `done`. */
async function write(rest: Rest, { tokens, sentAt, forMs, done = () => false }: Writing): Promise<void> {
  const start = performance.now();
  const answers: Promise<unknown>[] = [];
  while (performance.now() - start < forMs && !done()) {
    const due = Math.ceil(((performance.now() - start) / 1_000) * WRITES_PER_SECOND);
    while (answers.length < due) {
      const id = `${Math.round(start)}-${answers.length}`;
      sentAt.set(id, performance.now());
      const token = tokens[answers.length % tokens.length] ?? '';
      answers.push(rest.post('/v1/notes', { content: 'While the storm rages' }, { ...bearer(token), 'friday-client-id': id }));
    }
    await pause(1);
  }
  await Promise.all(answers);
  await pause(300);
}
