/** What the log tells: who came and went and why, each request by its id, and never a secret. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, LiveSocket, openLive } from '../support/live-socket.ts';
import { sendRaw } from '../support/raw.ts';
import { type Registered, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

/** Pieces of a secret that are this long must not be found. */
const PIECE = 12;

const host = new ServerHost();
let server: Server;
let ann: Registered;
const openedIds: string[] = [];
let output: string;

/** Everything that carries a secret, in right and in wrong places, at the level at which most is logged. */
beforeAll(async () => {
  server = await host.start({ FRIDAY_LOG_LEVEL: 'trace' });
  ann = await registerUser(server.request);
  await useRest();
  await misplaceSecrets();
  for (const by of ['header', 'subprotocol', 'frame'] as const) await useSocket(by);
  await refuseSockets();
  expect(await server.stop()).toBe(0);
  output = server.output();
}, 60_000);
afterAll(() => host.end());

async function useRest(): Promise<void> {
  const { request } = server;
  const { token } = ann;
  const created = await request('POST', '/v1/notes', { token, body: { content: 'Dear diary' } });
  const path = `/v1/notes/${created.body.data['id']}`;
  await request('PUT', path, { token, body: { content: 'Dear old diary' }, headers: { 'if-match': '"1"' } });
  await request('GET', '/v1/auth/me', { token });
  await request('DELETE', path, { token });
}

async function misplaceSecrets(): Promise<void> {
  const { request, url } = server;
  const { token, userSecret } = ann;
  const faults = await Promise.all([
    request('POST', '/v1/auth/token', { body: { user_secret: `${userSecret}x` } }),
    request('POST', '/v1/auth/token', { body: { user_secret: [userSecret] } }),
    request('POST', '/v1/auth/token', { body: `{"user_secret": "${userSecret}` }),
    request('POST', '/v1/auth/register', { body: { username: userSecret } }),
    request('POST', '/v1/notes', { token, body: { content: 1, token } }),
    request('GET', `/v1/notes?size=${token}&token=${token}`, { token }),
    request('GET', `/v1/notes/${token}`, { token }),
    request('GET', `/v1/${userSecret}/${token}`),
    request('GET', `/${encodeURIComponent(`Bearer ${token}`)}`),
    request('GET', `/v1/ws?token=${token}`),
    request('GET', '/v1/ws', { token }),
    request('GET', '/v1/notes', { headers: { authorization: `Basic ${token}` } }),
    request('GET', '/v1/notes', { token: token.slice(0, -1) }),
    request('POST', '/v1/notes', { token, body: { content: 'x' }, headers: { 'if-match': token, 'friday-client-id': token } }),
  ]);
  for (const { status } of faults) expect(status).toBeGreaterThanOrEqual(400);
  await sendRaw(url, `GET /v1/notes HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n: broken\r\n\r\n`);
  await sendRaw(url, `GET /v1/notes\r\nAuthorization: Bearer ${token} ${'x'.repeat(20_000)}\r\n\r\n`);
}

async function useSocket(by: Credential): Promise<void> {
  const { token } = ann;
  const socket = await openLive(server.url, { token, by });
  openedIds.push(socket.connected.connection_id);
  socket.send({ type: 'authenticate', token, ref: 'again' });
  socket.send({ type: 'authenticate', token: [token] });
  socket.send({ type: token });
  await socket.until('three answers', () => socket.frames.filter(({ type }) => type === 'error').length === 2);
  socket.send(`"${token}"`);
  expect(await socket.closed).toMatchObject({ code: 4000 });
}

async function refuseSockets(): Promise<void> {
  const { url } = server;
  const { token, userSecret } = ann;
  const forged = await registerUser(server.request);
  const wrong = `${token.slice(0, -8)}${forged.token.slice(-8)}`;
  for (const by of ['header', 'subprotocol', 'frame'] as const) {
    await new LiveSocket(url, { token: wrong, by }).closed;
    await new LiveSocket(url, { token: userSecret, by }).closed;
  }
  await new LiveSocket(url, { token, by: 'header', cursor: token }).closed;
  const upgrade = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const withToken = [...upgrade, `Sec-WebSocket-Key: ${token}`, `Sec-WebSocket-Protocol: friday.v1, bearer.${token}`];
  await sendRaw(url, `GET /v1/ws HTTP/1.1\r\n${withToken.join('\r\n')}\r\n\r\n`);
  const left = await openLive(url, { token });
  openedIds.push(left.connected.connection_id);
  await left.close();
  // A server that is told to stop before it has seen the end takes it for its own doing.
  await eventually('the last line', () => server.log.at(-1)?.['msg'] === 'connection closed');
}

test('[P2] no secret is written to the log, nor any part of one', () => {
  const signingSecret = readFileSync(join(host.folder, 'jwt-secret'), 'utf8');
  for (const secret of [ann.token, ann.userSecret, signingSecret]) {
    expect(secret.length).toBeGreaterThan(PIECE);
    const pieces = Array.from({ length: secret.length - PIECE + 1 }, (_, start) => secret.slice(start, start + PIECE));
    const telling = output.split('\n').filter((line) => pieces.some((piece) => line.includes(piece)));
    expect(telling).toEqual([]);
  }
});

test('each connection has one line when it is opened and one when it is closed, with the reason', () => {
  const about = (id: string, msg: string) => server.log.filter((line) => line['connection_id'] === id && line['msg'] === msg);
  expect(openedIds).toHaveLength(4);
  for (const [index, id] of openedIds.entries()) {
    expect(about(id, 'connection opened')).toMatchObject([{ user_id: ann.id, address: '127.0.0.1', resumed: false }]);
    const end = index === 3 ? { code: 1000, reason: 'peer' } : { code: 4000, reason: 'protocol_error' };
    expect(about(id, 'connection closed')).toMatchObject([{ user_id: ann.id, ...end }]);
  }
});

test('each request has one line and an id of its own', () => {
  const requests = server.log.filter(({ msg }) => msg === 'request');
  const ids = requests.map((line) => line['request_id']);
  expect(new Set(ids).size).toBe(ids.length);
  const put = requests.filter(({ method }) => method === 'PUT');
  expect(put).toMatchObject([{ path: expect.stringMatching(/^\/v1\/notes\/\d+$/), status: 200, user_id: ann.id }]);
  expect(put[0]?.['request_id']).toEqual(expect.any(String));
});
