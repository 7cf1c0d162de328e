/** From the TCP connection to `connected`, over real sockets: rules P1 to P5. */
import { SUBPROTOCOL } from '@friday/protocol';
import { expect, test } from 'vitest';
import { originPolicy } from '../src/router/origin.ts';
import { type ConnectOptions, connect, plainGet, refused } from './support/client.ts';
import { ManualClock, START } from './support/manual-clock.ts';
import { connectRaw, dialRaw } from './support/raw-client.ts';
import { startHost } from './support/test-host.ts';
import { tokenOf } from './support/tokens.ts';
import { until } from './support/until.ts';

const ANN = tokenOf('ann');

test('[P1] a client that offers no subprotocol is served, and is answered none', async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN, { 'sec-websocket-protocol': undefined });
  expect((await client.head()).toLowerCase()).not.toContain('sec-websocket-protocol');
  await until('connected', () => client.messages[0]?.['type'] === 'connected');
});

test.each([SUBPROTOCOL, `chat, ${SUBPROTOCOL}`])('[P1] of the subprotocols %s, friday.v1 is answered', async (offered) => {
  const host = await startHost();
  const client = await connectRaw(host, ANN, { 'sec-websocket-protocol': offered });
  expect((await client.head()).toLowerCase()).toContain('sec-websocket-protocol: friday.v1\r\n'.trim());
});

test('[P1] no extension is accepted', async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN, { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' });
  expect((await client.head()).toLowerCase()).not.toContain('extensions');
});

test('[P2] the token in the header of the upgrade', async () => {
  const client = await connect(await startHost(), { token: ANN });
  expect(await client.expect('connected')).toMatchObject({ user_id: 'ann' });
});

test.each([
  ['first', `bearer.${ANN}, friday.v1`],
  ['last', `friday.v1, bearer.${ANN}`],
])('[P2] the token as the %s subprotocol entry does not travel back', async (_place, offered) => {
  const host = await startHost();
  const client = await connectRaw(host, undefined, { 'sec-websocket-protocol': offered });
  await until('connected', () => client.messages[0]?.['user_id'] === 'ann');
  expect(await client.head()).toMatch(/\r\nSec-WebSocket-Protocol: friday\.v1(\r\n|$)/i);
  expect(await client.head()).not.toContain(ANN);
  expect(JSON.stringify(host.logger.lines)).not.toContain(ANN);
});

test('[P2] the token in the first frame', async () => {
  const client = await connect(await startHost());
  client.send({ type: 'authenticate', token: ANN, ref: '1' });
  expect(await client.expect('connected')).toMatchObject({ user_id: 'ann', ref: '1' });
  await client.expect('live');
});

test('[P2] of several tokens the header counts, then the subprotocol entry; the first frame then is a later one', async () => {
  const host = await startHost();
  const protocols = [SUBPROTOCOL, `bearer.${tokenOf('bob')}`];
  const both = await connect(host, { token: ANN, protocols });
  expect(await both.expect('connected')).toMatchObject({ user_id: 'ann' });
  const entry = await connect(host, { protocols });
  expect(await entry.expect('connected')).toMatchObject({ user_id: 'bob' });
  await entry.expect('live');
  entry.send({ type: 'authenticate', token: ANN });
  expect(await entry.expect('error')).toMatchObject({ code: 'forbidden' });
});

test('[P2] a client that does not say who it is in time is closed with 4001', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock });
  const client = await connect(host);
  clock.advance(5_300);
  expect(await client.expect('error')).toMatchObject({ code: 'unauthenticated' });
  expect(await client.closed).toEqual({ code: 4001, reason: 'unauthenticated' });
});

/** What is refused before the upgrade, by its status and code. */
const REFUSALS: ReadonlyArray<readonly [status: number, code: string, options: ConnectOptions]> = [
  [400, 'token_in_url', { query: `token=${ANN}` }],
  [400, 'token_in_url', { token: ANN, query: 'access_token=x' }],
  [400, 'unsupported_protocol', { token: ANN, protocols: ['friday.v2'] }],
  [400, 'unsupported_protocol', { protocols: [`bearer.${ANN}`] }],
  [401, 'unauthenticated', { token: 'nonsense' }],
  [401, 'token_expired', { token: tokenOf('ann', { expiresAt: START }) }],
  [401, 'revoked', { token: tokenOf('ann', { revoked: true }) }],
  [403, 'origin_not_allowed', { token: ANN, headers: { origin: 'https://evil.example' } }],
  [503, 'server_error', { token: tokenOf('ann', { channels: ['no key'] }) }],
];

test.each(REFUSALS)('[P4] %i %s is the answer in plain HTTP, with the error body', async (status, code, options) => {
  const answer = await refused(await startHost(), options);
  expect(answer).toMatchObject({ status, body: { data: null, error: { code } } });
  expect(answer.body.detail).toBe(answer.body.error.message);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['retry-after'] === undefined).toBe(status !== 503);
  expect(JSON.stringify(answer)).not.toContain(ANN);
});

test.each(REFUSALS.filter(([, code]) => code !== 'server_error'))(
  '[P4] a plain GET gets the same %i %s as the upgrade',
  async (_status, _code, options) => {
    const host = await startHost();
    const [plain, upgrade] = [await plainGet(host, options), await refused(host, options)];
    expect([plain.status, plain.body]).toEqual([upgrade.status, upgrade.body]);
  },
);

test.each([{}, { token: ANN }])('[P4] a plain GET that nothing stands in the way of gets 426: %j', async (options) => {
  const { status, headers, body } = await plainGet(await startHost(), options);
  expect([status, body.error.code]).toEqual([426, 'upgrade_required']);
  expect(headers).toMatchObject({ upgrade: 'websocket', connection: expect.stringMatching(/upgrade/i) });
});

test('[P4] a server that stops answers 503 with Retry-After, and a plain GET the same', async () => {
  const host = await startHost();
  await host.realtime.service.close(0);
  for (const answer of [await refused(host, { token: ANN }), await plainGet(host)]) {
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { error: { code: 'server_draining' } } });
  }
});

test('[P3] a page of the own origin or of a listed one may connect, a native client always', async () => {
  const origins = originPolicy({ allowed: ['https://pages.example'], loopback: false });
  const host = await startHost({ origins });
  for (const headers of [{ origin: `http://127.0.0.1:${host.port}` }, { origin: 'https://pages.example' }, {}]) {
    const client = await connect(host, { token: ANN, headers });
    await client.expect('connected');
  }
  const answer = await refused(host, { token: ANN, headers: { origin: 'null' } });
  expect(answer.body.error.code).toBe('origin_not_allowed');
});

test.each([
  ['no key', { 'sec-websocket-key': undefined }],
  ['a key that is none', { 'sec-websocket-key': 'short' }],
  ['no version', { 'sec-websocket-version': undefined }],
  ['an old version', { 'sec-websocket-version': '8' }],
  ['broken subprotocols', { 'sec-websocket-protocol': 'friday.v1,,chat' }],
])('[P4] a handshake with %s is refused with the version that is spoken', async (_what, headers) => {
  const host = await startHost();
  const client = await dialRaw(host);
  client.request({ headers: { authorization: `Bearer ${ANN}`, ...headers } });
  expect(await client.status()).toBe(400);
  expect(await client.head()).toMatch(/\r\nsec-websocket-version: 13\r\n/i);
  await client.end();
  expect(JSON.parse(client.body).error.code).toBe('bad_handshake');
  expect(host.realtime.service.disconnect('ann', 'revoked')).toBe(0);
});

test('a refused peer that keeps its half open does not keep its socket', async () => {
  const host = await startHost();
  const client = await dialRaw(host);
  client.request({ headers: { authorization: 'Bearer nonsense' } });
  expect(await client.status()).toBe(401);
  await until('the end of the socket', () => host.sockets.size === 0);
});

test('requests for other protocols, methods or paths stay ordinary requests', async () => {
  const host = await startHost({ onRequest: (request, response) => response.end(`${request.method} ${request.url}`) });
  const requests = [
    { target: '/notes', headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' } },
    { headers: { upgrade: 'h2c' } },
    { target: '/elsewhere' },
    { target: '/v1/ws/' },
    { method: 'POST', headers: { 'content-length': '0' } },
    { headers: { connection: 'keep-alive' } },
  ];
  for (const request of requests) {
    const client = await dialRaw(host);
    client.request(request);
    expect(await client.status()).toBe(200);
    await until('the body', () => client.body.includes(`${request.method ?? 'GET'} ${request.target ?? '/v1/ws'}`));
  }
});

test('the name of the protocol to upgrade to is not case-sensitive', async () => {
  await connectRaw(await startHost(), ANN, { upgrade: 'WebSocket', connection: 'keep-alive, upgrade' });
});

test('the upgrade answer, connected and live come in one write', async () => {
  const client = await connectRaw(await startHost(), ANN);
  await until('live', () => client.messages.length === 2);
  expect(client.messages.map(({ type }) => type)).toEqual(['connected', 'live']);
  expect(client.reads).toHaveLength(1);
});

test('[P5] a second frame before the first is answered closes the connection', async () => {
  const client = await connectRaw(await startHost());
  client.socket.cork();
  client.send({ type: 'authenticate', token: ANN });
  client.send({ type: 'ping' });
  client.socket.uncork();
  expect(await client.closeCode()).toBe(4000);
  expect(client.messages).toMatchObject([{ type: 'error', code: 'protocol_error' }]);
});

test('a peer that goes away while its token is looked at leaves nothing behind', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const host = await startHost({
    authenticator: {
      authenticate: async () => {
        asked = true;
        await promise;
        return { userId: 'ann', channels: ['user:ann'], expiresAt: Date.now() + 60_000 };
      },
    },
  });
  const client = await dialRaw(host);
  client.request({ headers: { authorization: `Bearer ${ANN}` } });
  await until('the question', () => asked);
  client.socket.resetAndDestroy();
  await until('the end of the socket', () => host.sockets.size === 0);
  resolve();
  await plainGet(host).catch(() => undefined);
  expect(host.realtime.service.disconnect('ann', 'revoked')).toBe(0);
  expect(host.logger.lines).toEqual([]);
});

test('a connection that fails to open ends its socket, and nothing else', async () => {
  const host = await startHost();
  host.logger.failing = new Error('the disk of the log is full');
  const client = await dialRaw(host);
  client.request({ headers: { authorization: `Bearer ${ANN}` } });
  await client.end();
  host.logger.failing = undefined;
  const next = await connect(host, { token: ANN });
  await next.expect('connected');
});
