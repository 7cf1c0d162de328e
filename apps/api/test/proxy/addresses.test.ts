/** Behind one trusted proxy, limits and the log go by the client's address, and not by what the client says of it. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';
import { knock, postFrom, refusedAt } from './support/knock.ts';
import { hasProxy, PROXIES } from './support/proxy.ts';

describe.each(PROXIES.map((name) => ({ name, present: hasProxy(name) })))('through $name', ({ name, present }) => {
  describe.skipIf(!present)('a client', () => {
    let host: ServerHost;

    beforeEach(() => {
      host = new ServerHost(name);
    });
    afterEach(() => host.end());

    test('has a limited number of connections, whatever address it claims', async () => {
      const { url } = await host.start({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '2', FRIDAY_AUTH_TIMEOUT_SECONDS: '60' });
      const sockets = [await knock(url, { from: '127.0.0.2' }), await knock(url, { from: '127.0.0.2' })];
      const claims = [
        {},
        { 'x-forwarded-for': '192.0.2.7' },
        { 'x-forwarded-for': '192.0.2.7, 192.0.2.8' },
        { 'x-real-ip': '192.0.2.7' },
      ];
      for (const headers of [...claims, { forwarded: 'for=192.0.2.7' }]) {
        const { status, code } = await refusedAt(url, { from: '127.0.0.2', headers });
        expect([status, code]).toEqual([429, 'too_many_connections']);
      }
      sockets.push(await knock(url, { from: '127.0.0.3' }));
      // It may claim to be its neighbour, and takes nothing from it.
      sockets.push(await knock(url, { from: '127.0.0.3', headers: { 'x-forwarded-for': '127.0.0.2' } }));
      for (const socket of sockets) {
        if ('code' in socket) throw new Error(`It was refused: ${socket.code}.`);
        socket.close();
        await once(socket, 'close');
      }
    });

    test('registers so often and no more, whatever address it claims', async () => {
      const { url } = await host.start({ FRIDAY_RATE_LIMITS: 'on', FRIDAY_REGISTRATIONS_PER_ADDRESS: '3' });
      const register = (attempt: number, from: string) =>
        postFrom(`${url}/v1/auth/register`, {}, { from, headers: { 'x-forwarded-for': `192.0.2.${attempt}` } });
      for (let attempt = 0; attempt < 3; attempt += 1) {
        expect((await register(attempt, '127.0.0.2')).status).toBe(422);
      }
      const refusal = await register(3, '127.0.0.2');
      expect([refusal.status, refusal.code]).toEqual([429, 'rate_limited']);
      expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
      expect((await register(0, '127.0.0.3')).status).toBe(422);
    });

    test('is logged with its own address', async () => {
      const server = await host.start();
      const { token } = await registerUser(server.request);
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': '192.0.2.7' };
      const socket = await knock(server.url, { from: '127.0.0.2', headers });
      if ('code' in socket) throw new Error(`It was refused: ${socket.code}.`);
      const opened = () => server.log.find(({ msg }) => msg === 'connection opened');
      await eventually('line about the connection', () => opened() !== undefined);
      expect(opened()).toMatchObject({ address: '127.0.0.2' });
      socket.close();
      await once(socket, 'close');
    });
  });
});
