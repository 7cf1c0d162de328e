/** What the proxies do themselves: TLS, time limits, bodies that are too long, a server that is gone, and their own logs. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveSocket, openLive } from '../support/live-socket.ts';
import { registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';
import { postFrom, refusedAt } from './support/knock.ts';
import { READ_TIMEOUT_SECONDS } from './support/nginx.ts';
import { hasProxy, PROXIES } from './support/proxy.ts';

/** One that is hardly too long, and some of which much is still to come when they are refused. */
const BODY_SIZES = [1_048_600, 3_000_000, 20_000_000];
/** Pieces of a secret that are this long must not be found. */
const PIECE = 12;

describe.each(PROXIES.map((name) => ({ name, present: hasProxy(name) })))('$name', ({ name, present }) => {
  describe.skipIf(!present)('in front', () => {
    let host: ServerHost;

    beforeEach(() => {
      host = new ServerHost(name);
    });
    afterEach(() => host.end());

    test('[P16] a connection with nothing to say outlives the time limit for silence, by its heartbeats', async () => {
      const server = await host.start({ FRIDAY_HEARTBEAT_SECONDS: '1' });
      const { token } = await registerUser(server.request);
      const socket = await openLive(server.url, { token });
      const start = performance.now();
      const beats = () => socket.frames.filter(({ type }) => type === 'heartbeat').length;
      await socket.until('enough heartbeats', () => beats() >= 2 * READ_TIMEOUT_SECONDS + 1);
      expect(performance.now() - start).toBeGreaterThan(2 * READ_TIMEOUT_SECONDS * 1_000);
      await server.request('POST', '/v1/notes', { token, body: { content: 'Still there?' } });
      expect(await socket.first(1)).toMatchObject([{ type: 'note.created' }]);
      await socket.close();
    });

    test.each(BODY_SIZES)('a body of %i bytes gets 413 as JSON', async (size) => {
      const server = await host.start();
      const { token } = await registerUser(server.request);
      const headers = { authorization: `Bearer ${token}` };
      const { status, code } = await postFrom(`${server.url}/v1/notes`, { content: 'x'.repeat(size) }, { headers });
      expect([status, code]).toEqual([413, 'body_too_large']);
      expect((await server.request('GET', '/v1/notes', { token })).body.data['total']).toBe(0);
    });

    test('a server that is gone is a 502 with the body of every fault; back again, it is served', async () => {
      const server = await host.start();
      await server.stop();
      for (const path of ['/v1/notes', '/healthz', '/v1/ws']) {
        const { status, headers, body } = await server.request('GET', path);
        expect([status, body.error?.code, headers.get('retry-after')]).toEqual([502, 'server_error', '2']);
        expect(headers.get('content-type')).toContain('application/json');
      }
      expect((await refusedAt(server.url)).status).toBe(502);
      const again = await host.start({ FRIDAY_PORT: new URL(server.ownUrl).port });
      expect((await server.request('GET', '/readyz')).status).toBe(200);
      await again.stop();
    });

    test('TLS is asked for once, and plain HTTP is sent there', async () => {
      const server = await host.start();
      const { headers } = await server.request('GET', '/healthz');
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
      const plain = await fetch(`${server.proxy?.plainUrl}/v1/notes?size=1`, { redirect: 'manual' });
      expect(plain.status).toBe(308);
      expect(plain.headers.get('location')).toMatch(/^https:\/\/[\w.]+(:\d+)?\/v1\/notes\?size=1$/);
    });

    test('no secret is written to its log, whatever goes wrong', async () => {
      const server = await host.start();
      const { token, userSecret } = await registerUser(server.request);
      await useSecrets(server, token);
      await server.kill();
      await useSecrets(server, token);
      await server.proxy?.stop();
      const log = server.proxy?.log() ?? '';
      expect(log).toContain('/v1/notes');
      for (const secret of [token, userSecret]) {
        const pieces = Array.from({ length: secret.length - PIECE + 1 }, (_, start) => secret.slice(start, start + PIECE));
        expect(log.split('\n').filter((line) => pieces.some((piece) => line.includes(piece)))).toEqual([]);
      }
    });
  });
});

/** In all places where they belong, and in the wrong ones. */
async function useSecrets({ request, url }: Server, token: string): Promise<void> {
  await request('GET', '/v1/notes', { token });
  await request('GET', `/v1/notes?token=${token}`, { token });
  await request('GET', `/v1/notes/${token}`, { token });
  for (const by of ['header', 'subprotocol'] as const) await new LiveSocket(url, { token, by }).live().catch(() => undefined);
  await refusedAt(url, { query: `?access_token=${token}` });
}

test.skipIf(!hasProxy('nginx'))('nginx cuts a connection that says nothing: without heartbeats it would not live', async () => {
  const host = new ServerHost('nginx');
  const server = await host.start({ FRIDAY_HEARTBEAT_SECONDS: '60' });
  const { token } = await registerUser(server.request);
  const socket = await openLive(server.url, { token });
  expect(await socket.closed).toMatchObject({ code: 1006 });
  expect(socket.frames.map(({ type }) => type)).toEqual(['connected', 'live']);
  await host.end();
});
