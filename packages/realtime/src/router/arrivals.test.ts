import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { until } from '../../test/support/until.ts';
import { Arrivals } from './arrivals.ts';

const CROWD = 100;

interface Host {
  readonly server: Server;
  readonly port: number;
  /** Connections that were heard. */
  readonly heard: Socket[];
}

/** No timer runs, and nobody's time is over, until the test ends. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** A server that answers every request with its path. */
async function startServer(): Promise<Host> {
  const heard: Socket[] = [];
  const server: Server = createServer((request, response) => response.end(request.url));
  server.prependListener('connection', (socket) => heard.push(socket));
  // What it holds is looked at by the test, as by the server itself.
  new Arrivals(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, heard };
}

async function connectAll(port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1' }));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  let answer = '';
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    answer += String(piece);
    if (answer.endsWith(path)) return answer;
  }
  return answer;
}

/** Connects a crowd that says nothing, and waits until all have come: a listener that is added later sees those who wait, too. */
async function crowdCame(server: Server, port: number): Promise<void> {
  let come = 0;
  server.on('connection', () => {
    come++;
  });
  await connectAll(port, CROWD);
  await until('all to come', () => come === CROWD);
}

test('everybody in a crowd is heard, and answered', async () => {
  const { port, heard } = await startServer();
  const sockets = await connectAll(port, CROWD);
  const answers = await Promise.all(sockets.map((socket, index) => ask(socket, `/path-${index}`)));
  expect(answers.every((answer) => answer.startsWith('HTTP/1.1 200'))).toBe(true);
  expect(heard).toHaveLength(CROWD);
});

test('of those who say nothing, sixteen are let in every ten milliseconds', async () => {
  stopClock();
  const { server, port, heard } = await startServer();
  await crowdCame(server, port);
  for (const count of [16, 32, 48, 64, 80, 96, CROWD]) {
    expect(heard).toHaveLength(count);
    vi.advanceTimersByTime(9);
    expect(heard).toHaveLength(count);
    vi.advanceTimersByTime(1);
  }
});

test('a connection that has been answered can ask again', async () => {
  const { port } = await startServer();
  const [socket] = await connectAll(port, 1);
  if (!socket) throw new Error('There is no socket.');
  await ask(socket, '/first');
  expect(await ask(socket, '/second')).toMatch(/^HTTP\/1\.1 200/);
});

test('who goes away before being heard is nobody to wait for', async () => {
  const { port, heard } = await startServer();
  const crowd = await connectAll(port, CROWD);
  for (const socket of crowd) socket.resetAndDestroy();
  const [last] = await connectAll(port, 1);
  if (!last) throw new Error('There is no socket.');
  expect(await ask(last, '/last')).toMatch(/^HTTP\/1\.1 200/);
  expect(heard.length).toBeLessThanOrEqual(CROWD + 1);
});

test('who says nothing and ends leaves its place before its time is over', async () => {
  stopClock();
  const { port, heard } = await startServer();
  const crowd = await connectAll(port, CROWD);
  for (const socket of crowd) socket.end();
  await until('all to be heard', () => heard.length === CROWD);
});

test('a server that closes hears all at once, so that it can end them', async () => {
  stopClock();
  const { server, port, heard } = await startServer();
  await crowdCame(server, port);
  const closed = once(server, 'close');
  server.close();
  vi.advanceTimersByTime(10);
  expect(heard).toHaveLength(CROWD);
  server.closeAllConnections();
  await closed;
});
