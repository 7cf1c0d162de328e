/** 5,000 clients reconnect at once, each with ten notifications to catch up on, while 200 live ones measure delivery. */
import { Fleet } from '../load/fleet.ts';
import { LoadProcess } from '../load/load-process.ts';
import { SocketClient } from '../load/socket-client.ts';
import { inBatches, newUsers, userName } from '../support/batches.ts';
import { startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { bearer, Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

export interface StormSize {
  readonly live: number;
  readonly users: number;
  readonly clients: number;
  readonly missed: number;
  readonly calmMs: number;
}

const FULL: StormSize = { live: 200, users: 100, clients: 5_000, missed: 10, calmMs: 5_000 };
const WRITES_PER_SECOND = 200;
const AT_ONCE = 50;
/** The storm keeps nobody from measuring. */
const LOWEST_PRIORITY = 19;
const STORM_WITHIN_MS = 60_000;

export async function storm(size = FULL): Promise<Measured> {
  const { clients, missed, calmMs } = size;
  const friday = await startFriday({ FRIDAY_ADMISSION_SECONDS: '60' });
  const rest = new Rest(friday.port, AT_ONCE);
  const live = new Fleet(1);
  const storming = new Fleet(1, LOWEST_PRIORITY);
  const writing = new LoadProcess();
  try {
    const { port } = friday;
    const tokens = await newUsers(rest, size.live);
    const dialect = 'friday';
    await live.connect({ dialect, port, count: size.live, atOnce: AT_ONCE, users: tokens.map((token) => ({ token })) });
    const users = await inBatches(size.users, AT_ONCE, (index) =>
      missedUser(rest, port, { name: `${userName(index)}-away`, missed }),
    );
    const write = (forMs: number) =>
      writing.call('write', { port, tokens, writers: AT_ONCE, forMs, perSecond: WRITES_PER_SECOND });
    await write(calmMs / 2);
    await live.start({ sampleEvery: 1 });
    await write(calmMs);
    const before = (await live.take({ atLeast: 0, withinMs: 0 })).latencies;
    await storming.start({ sampleEvery: 0 });
    const writes = write(calmMs);
    const { tookMs, liveAfterMs } = await storming.connect({ dialect, port, count: clients, atOnce: clients, users });
    const { latencies } = await live.take({ atLeast: 0, withinMs: 0 });
    const { messages } = await storming.take({ atLeast: clients * missed, withinMs: STORM_WITHIN_MS });
    await writes;
    const perSecond = (clients * 1000) / tookMs;
    const during = latencies.length > 0 ? latencies : [Number.NaN];
    return {
      rows: [
        { what: `storm: delivery to ${size.live} live clients before, p50`, value: percentile(before, 0.5), unit: 'ms' },
        { what: `storm: delivery to ${size.live} live clients before, p99`, value: percentile(before, 0.99), unit: 'ms' },
        { what: `storm: delivery to ${size.live} live clients during, p50`, value: percentile(during, 0.5), unit: 'ms' },
        { what: `storm: delivery to ${size.live} live clients during, p99`, value: percentile(during, 0.99), unit: 'ms' },
        { what: `storm: clients live a second, of ${clients} that resume`, value: perSecond, unit: '/s' },
        { what: 'storm: from TCP connect to live, p99', value: percentile(liveAfterMs, 0.99), unit: 'ms', target: 1.2 * tookMs },
        { what: 'storm: missed notifications that did not arrive', value: clients * missed - messages, unit: '', target: 0 },
      ],
      raw: { size, tookMs, before: Array.from(before), during: Array.from(latencies), liveAfterMs: Array.from(liveAfterMs) },
    };
  } finally {
    rest.close();
    await Promise.all([live.end(), storming.end(), writing.end()]);
    await friday.stop();
  }
}

interface Away {
  readonly name: string;
  readonly missed: number;
}

/** A user who has missed some notes since the position. */
async function missedUser(rest: Rest, port: number, { name, missed }: Away): Promise<{ token: string; position: string }> {
  const token = await rest.newUser(name);
  const client = new SocketClient({ port, token });
  await client.live;
  client.cut();
  for (let note = 0; note < missed; note++) await rest.post('/v1/notes', { content: `Missed note ${note}` }, bearer(token));
  return { token, position: client.position };
}
