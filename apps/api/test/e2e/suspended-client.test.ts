/** Clients that are stopped for a while, as laptops are: a short pause goes unnoticed, a long one ends the connection, none loses anything. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientProcess } from '../support/client-process.ts';
import { eventually } from '../support/eventually.ts';
import { writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

let host: ServerHost;
let client: ClientProcess | undefined;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(async () => {
  await client?.end();
  await host.end();
});

async function startClient(server: Server): Promise<{ client: ClientProcess; token: string }> {
  const { token } = await registerUser(server.request);
  client = new ClientProcess(server.url, token);
  await client.wrote('live');
  return { client, token };
}

function closedFor(server: Server, reason: string): Promise<void> {
  return eventually(`close for ${reason}`, () =>
    server.log.some((line) => line['msg'] === 'connection closed' && line['reason'] === reason),
  );
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('[P22] a pause that is shorter than any limit: the connection stays, and what was written meanwhile arrives once', async () => {
  const server = await host.start();
  const { client, token } = await startClient(server);
  client.suspend();
  await writeNotes(server.request, { token, count: 500, atOnce: 8 });
  client.wakeUp();
  await client.wrote('note 500');
  expect(client.numbers).toEqual(upTo(500));
  expect(client.lines.filter((line) => line.startsWith('closed'))).toEqual([]);
});

test('[P16] a silent client that is stopped for two heartbeats is let go, and resumes when it wakes', async () => {
  const server = await host.start({ FRIDAY_HEARTBEAT_SECONDS: '1' });
  const { client, token } = await startClient(server);
  client.suspend();
  await closedFor(server, 'heartbeat_timeout');
  await writeNotes(server.request, { token, count: 20 });
  client.wakeUp();
  await client.wrote('closed 4202');
  client.reconnect();
  await client.wrote('live', 2);
  expect(client.numbers).toEqual(upTo(20));
});

test('[P22] a stopped client for whom more is written than may be in flight is let go as too slow, and misses nothing', async () => {
  const server = await host.start({ FRIDAY_SLOW_READER_SECONDS: '1', FRIDAY_WINDOW_BYTES: '65536' });
  const { client, token } = await startClient(server);
  client.suspend();
  await writeNotes(server.request, { token, count: 600, atOnce: 8 });
  await closedFor(server, 'too_slow');
  client.wakeUp();
  await client.wrote('closed 4103');
  expect(client.numbers.length).toBeLessThan(600);
  client.reconnect();
  await client.wrote('live', 2);
  expect(client.numbers).toEqual(upTo(600));
});
