/** What a proxy must not change: refusals before the upgrade, and the codes with which connections end. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LiveSocket, openLive } from '../support/live-socket.ts';
import { type Registered, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';
import { knock, refusedAt } from './support/knock.ts';
import { hasProxy, PROXIES } from './support/proxy.ts';

describe.each(PROXIES.map((name) => ({ name, present: hasProxy(name) })))('through $name', ({ name, present }) => {
  describe.skipIf(!present)('as from the server itself', () => {
    let host: ServerHost;
    let server: Server;
    let ann: Registered;
    let bob: Registered;

    beforeAll(async () => {
      host = new ServerHost(name);
      server = await host.start({ FRIDAY_MAX_CONNECTIONS_PER_USER: '1', FRIDAY_MAX_CONNECTIONS: '3' });
      ann = await registerUser(server.request);
      bob = await registerUser(server.request);
    });
    afterAll(() => host.end());

    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

    test.each([
      ['400 token_in_url', '?token=x', {}],
      ['401 unauthenticated', '', bearer('forged')],
      ['403 origin_not_allowed', '', { origin: 'https://evil.example' }],
    ])('[P4] an upgrade is refused: %s', async (expected, query, headers) => {
      const { status, code, headers: answered } = await refusedAt(server.url, { query, headers });
      expect(`${status} ${code}`).toBe(expected);
      expect(answered['content-type']).toBe('application/json; charset=utf-8');
    });

    test('[P4] a user with too many connections is refused with 429, anyone at a full server with 503, both with Retry-After', async () => {
      const only = await openLive(server.url, { token: ann.token });
      const second = await refusedAt(server.url, { headers: bearer(ann.token) });
      expect([second.status, second.code]).toEqual([429, 'too_many_connections']);
      const strangers = await Promise.all([knock(server.url), knock(server.url)]);
      const fourth = await refusedAt(server.url, { headers: bearer(bob.token) });
      expect([fourth.status, fourth.code]).toEqual([503, 'over_capacity']);
      for (const { headers } of [second, fourth]) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      for (const socket of strangers) {
        if ('code' in socket) throw new Error(`It was refused: ${socket.code}.`);
        socket.close();
        await once(socket, 'close');
      }
      await only.close();
    });

    test('[P4] a plain request is told why, or that it should upgrade', async () => {
      const answer = async (token: string) => {
        const { status, body } = await server.request('GET', '/v1/ws', { token });
        return [status, body.error?.code];
      };
      expect(await answer('forged')).toEqual([401, 'unauthenticated']);
      expect(await answer(ann.token)).toEqual([426, 'upgrade_required']);
    });

    test("[P3] the page's own origin is the proxy's, with its port", async () => {
      const { origin } = new URL(server.url);
      const socket = await knock(server.url, { headers: { origin, ...bearer(bob.token) } });
      if ('code' in socket) throw new Error(`It was refused: ${socket.code}.`);
      socket.close();
      await once(socket, 'close');
    });

    test('close codes arrive with their reasons', async () => {
      const talker = await openLive(server.url, { token: ann.token });
      talker.send('no JSON');
      expect(await talker.closed).toEqual({ code: 4000, reason: 'protocol_error' });
      const stranger = new LiveSocket(server.url, { token: 'forged' });
      expect(await stranger.closed).toEqual({ code: 4001, reason: 'unauthenticated' });
      const changeling = await openLive(server.url, { token: ann.token });
      changeling.send({ type: 'authenticate', token: bob.token });
      expect(await changeling.closed).toEqual({ code: 4003, reason: 'forbidden' });
    });
  });
});
