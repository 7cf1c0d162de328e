/** A server that stops lets its clients go one after the other, and serves until the last of them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openLive } from '../support/live-socket.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test('[P21] while it drains, newcomers are refused, requests are served, and who is still there still hears', async () => {
  const server = await host.start({ FRIDAY_DRAIN_SECONDS: '3' });
  const { token } = await registerUser(server.request);
  const sockets = await Promise.all(Array.from({ length: 6 }, () => openLive(server.url, { token })));
  const left: number[] = [];
  for (const { closed } of sockets) void closed.then(() => left.push(performance.now()));

  const stopped = server.stop();
  await eventually('the first to go', () => left.length > 0);
  const refusal = await server.request('GET', '/v1/ws', { token });
  expect([refusal.status, refusal.body.error?.code]).toEqual([503, 'server_draining']);
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await server.request('POST', '/v1/notes', { token, body: { content: 'Written while draining' } })).status).toBe(201);

  expect(await stopped).toBe(0);
  await Promise.all(sockets.map(({ closed }) => closed));
  const reached = sockets.filter(({ notifications }) => notifications.length === 1);
  expect(reached.length).toBeGreaterThan(0);
  expect(sockets.every(({ frames }) => frames.at(-1)?.type === 'reconnect')).toBe(true);
  // Six slots of half a second: the last begins two and a half seconds behind the first.
  expect((left.at(-1) ?? 0) - (left[0] ?? 0)).toBeGreaterThan(2_000);
});

test('a second signal ends it at once', async () => {
  const server = await host.start({ FRIDAY_DRAIN_SECONDS: '300' });
  const { token } = await registerUser(server.request);
  const sockets = await Promise.all([1, 2, 3].map(() => openLive(server.url, { token })));
  const first = server.stop();
  await eventually('the drain', () => server.log.some(({ msg }) => msg === 'stopping'));
  expect(await server.stop()).toBe(1);
  expect(await first).toBe(1);
  // The first to go had its slot at the start of the drain.
  const codes = (await Promise.all(sockets.map(({ closed }) => closed))).map(({ code }) => code);
  expect(codes.toSorted()).toEqual([1006, 1006, 4200]);
});

test('a fault that nothing caught is logged, clients are asked to come back, and the exit code says so', async () => {
  const plant = encodeURIComponent('process.once("SIGUSR2", () => { throw new Error("planted"); })');
  const server = await host.start({ NODE_OPTIONS: `--import=data:text/javascript,${plant}`, FRIDAY_DRAIN_SECONDS: '0' });
  const { token } = await registerUser(server.request);
  const socket = await openLive(server.url, { token });
  expect(await server.stop('SIGUSR2')).toBe(1);
  expect(await socket.closed).toEqual({ code: 4200, reason: 'server_draining' });
  expect(server.log.filter(({ level }) => level === 60 || level === 'fatal')).toMatchObject([{ err: { message: 'planted' } }]);
});

test.each([
  ['half a head', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'],
  [
    'half a body',
    'POST /v1/auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  ],
])('%s that is never finished does not keep it from ending', async (_what, bytes) => {
  const server = await host.start();
  const socket = connect(Number(new URL(server.ownUrl).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  // Answered behind it, so what was written is there.
  expect((await server.request('GET', '/healthz')).status).toBe(200);
  expect(await server.stop()).toBe(0);
  socket.destroy();
});
