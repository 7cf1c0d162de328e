/** Tokens that must not be believed, by each of the three ways; origins, URLs and positions that must not be either. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startIssuer } from '../support/issuer.ts';
import { openLive } from '../support/live-socket.ts';
import { type Registered, registerUser } from '../support/rest.ts';
import { forgeries, hmacToken, OWN_HEADER, part } from './support/forgery.ts';
import { textFrame } from './support/frames.ts';
import type { Peer, UpgradeParts } from './support/peer.ts';
import { Target } from './support/target.ts';

/** Pieces of a token that are this long must not come back. */
const PIECE = 16;

let target: Target;
let other: Registered;
beforeAll(async () => {
  target = await Target.start();
  other = await registerUser(target.server.request);
});
afterAll(async () => expect(await target.end(other.token, other.userSecret)).toEqual([]));

/** Fails where what came back repeats a piece of the token. */
function expectUntold(answer: string, token: string): void {
  for (let start = 0; start + PIECE <= token.length; start += PIECE) {
    const piece = token.slice(start, start + PIECE);
    // A piece of a thousand dots or letters says nothing.
    if (new Set(piece).size > 4) expect(answer).not.toContain(piece);
  }
}

const CLOSE_CODES = { unauthenticated: 4001, token_expired: 4001, revoked: 4003 } as const;

test('tokens that nobody should believe: refused as header, as subprotocol, as first frame and over REST, and never repeated', {
  timeout: 60_000,
}, async () => {
  const { token, userSecret } = target.user;
  const all = forgeries({ token, userSecret, signingSecret: target.signingSecret, otherUserId: other.id });
  for (const [what, forged, code] of all) {
    const status = `401 ${code}`;
    const byHeader = await target.dial();
    byHeader.send(`GET /v1/ws HTTP/1.1\r\nAuthorization: Bearer ${forged}\r\n${upgradeHeaders}\r\n`);
    expect([what, 'header', await byHeader.refusal()]).toEqual([what, 'header', status]);
    expectUntold(byHeader.body, forged);
    const bySubprotocol = await target.dial();
    bySubprotocol.send(`GET /v1/ws HTTP/1.1\r\nSec-WebSocket-Protocol: bearer.${forged}, friday.v1\r\n${upgradeHeaders}\r\n`);
    expect([what, 'subprotocol', await bySubprotocol.refusal()]).toEqual([what, 'subprotocol', status]);
    expectUntold(bySubprotocol.body, forged);
    const byFrame = await target.open();
    byFrame.send(textFrame({ type: 'authenticate', token: forged }));
    expect([what, 'frame', await byFrame.closeCode(), byFrame.lastError]).toEqual([what, 'frame', CLOSE_CODES[code], code]);
    expectUntold(JSON.stringify(byFrame.messages), forged);
    const rest = await target.server.request('GET', '/v1/notes', { token: forged });
    expect([what, 'REST', rest.status]).toEqual([what, 'REST', 401]);
    expectUntold(rest.text, forged);
    for (const peer of [byHeader, bySubprotocol, byFrame]) peer.socket.destroy();
  }
  await target.expectServing();
});

const upgradeHeaders = [
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
].join('\r\n');

test.each([
  ['no text', { type: 'authenticate', token: 7 }],
  ['a list', { type: 'authenticate', token: ['x'] }],
  ['nothing', { type: 'authenticate' }],
  ['empty', { type: 'authenticate', token: '' }],
  ['a getter of all objects', { type: '__proto__', token: 'x' }],
  ['another type', { type: 'ping' }],
])('[P2] a first frame whose token is %s closes with 4001', async (_what, message) => {
  const peer = await target.open();
  peer.send(textFrame(message));
  expect(await peer.closeCode()).toBe(4001);
});

test('[P5] two frames before the answer to the first close with 4000, even when the first holds a good token', async () => {
  const peer = await target.open();
  const frame = textFrame({ type: 'authenticate', token: target.user.token });
  peer.send(Buffer.concat([frame, frame]));
  expect(await peer.closeCode()).toBe(4000);
  expect(peer.messages.map(({ type }) => type)).toEqual(['error']);
});

test("[P19] another user's token on an open connection closes it with 4003, a forged one with 4001", async () => {
  const [first, second] = [await target.openLive(), await target.openLive()];
  first.send(textFrame({ type: 'authenticate', token: other.token }));
  expect(await first.closeCode()).toBe(4003);
  second.send(textFrame({ type: 'authenticate', token: `${target.user.token.slice(0, -4)}AAAA` }));
  expect(await second.closeCode()).toBe(4001);
});

describe('a server that takes the tokens of another issuer', () => {
  test('fetches no key from where a token says, and takes no token that is signed with what is public', async () => {
    const issuer = await startIssuer('RS256');
    let asked = 0;
    const forger = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys: [issuer.key.jwk] }));
    });
    await new Promise<void>((resolve) => forger.listen(0, '127.0.0.1', resolve));
    const trap = `http://127.0.0.1:${(forger.address() as AddressInfo).port}/keys`;
    const trusting = await Target.start(issuer.environment);
    try {
      const { kid, jwk } = issuer.key;
      const claims = JSON.parse(Buffer.from(issuer.token('anna').split('.')[1] ?? '', 'base64url').toString());
      const tokens = [
        issuer.token('anna', { header: { jku: trap, x5u: trap, kid: 'unknown' } }),
        issuer.token('anna', { claims: { iss: trap }, header: { jku: trap } }),
        hmacToken({ alg: 'HS256', kid, jku: trap }, claims, JSON.stringify(jwk)),
        hmacToken({ ...OWN_HEADER }, { ...claims, gen: 0 }, JSON.stringify(jwk)),
        `${part({ alg: 'none', kid })}.${part(claims)}.`,
      ];
      for (const token of tokens) {
        const peer = await trusting.open();
        peer.send(textFrame({ type: 'authenticate', token }));
        expect([await peer.closeCode(), peer.lastError]).toEqual([4001, 'unauthenticated']);
        expect((await trusting.server.request('GET', '/v1/notes', { token })).status).toBe(401);
      }
      expect(asked).toBe(0);
      await trusting.expectServing();
    } finally {
      forger.close();
      forger.closeAllConnections();
      expect(await trusting.end()).toEqual([]);
      await issuer.close();
    }
  });
});

async function refused(parts: UpgradeParts): Promise<readonly [string, Peer]> {
  const peer = await target.dial();
  const { target: path = '/v1/ws', headers = {}, token } = parts;
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${each}\r\n`));
  const bearer = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  peer.send(`GET ${path} HTTP/1.1\r\n${bearer}${lines.join('')}${upgradeHeaders}\r\n`);
  return [await peer.refusal(), peer];
}

test('who is refused is logged, with the address and the reason', async () => {
  const before = target.server.log.length;
  await refused({ token: 'not.a.token' });
  const lines = () => target.server.log.slice(before).filter(({ msg }) => msg === 'connection refused');
  await eventually('the line', () => lines().length > 0);
  expect(lines()).toMatchObject([{ level: 'info', address: '127.0.0.1', code: 'unauthenticated' }]);
});

test.each([
  'https://evil.example',
  'null',
  'NULL',
  '',
  'file://',
  'data:text/html,x',
  'http://localhost.evil.example',
  'http://127.0.0.1.evil.example',
  'https://localhost@evil.example',
  'http://localhost, http://evil.example',
  'http://[::1',
  'chrome-extension://abcdefghijklmnop',
  ['http://localhost', 'https://evil.example'],
])('[P3] the origin %j gets 403, with a good token', async (origin) => {
  const [answer] = await refused({ headers: { origin }, token: target.user.token });
  expect(answer).toBe('403 origin_not_allowed');
});

test('[P2] a token in the URL gets 400 under every name, and is not repeated', async () => {
  const { token, userSecret } = target.user;
  const queries = ['token', 'access_token', 'jwt', 'auth', 'TOKEN', 'cursor', 'x'].map((name) => `${name}=${token}`);
  for (const query of [...queries, `x=bearer.${token}`, `user_secret=${userSecret}`, 'token=']) {
    const [answer, peer] = await refused({ target: `/v1/ws?${query}` });
    expect([query.split('=')[0], answer]).toEqual([query.split('=')[0], '400 token_in_url']);
    expectUntold(peer.body, token);
    expectUntold(peer.body, userSecret);
  }
});

describe('positions', () => {
  test("[P8] another user's cursor tells nothing of the other: unknown_history, and only what is one's own", async () => {
    const { request } = target.server;
    const theirs = await request('POST', '/v1/notes', { token: other.token, body: { content: 'Nobody reads this' } });
    const listener = await openLive(target.url, { token: other.token });
    const cursor = listener.position;
    await listener.close();
    const socket = await openLive(target.url, { token: target.user.token, cursor });
    expect(socket.connected).toMatchObject({ user_id: target.user.id, resumed: false, reason: 'unknown_history' });
    await request('PUT', `/v1/notes/${theirs.body.data['id']}`, { token: other.token, body: { content: 'Nor this' } });
    await target.expectServing();
    const mine = await socket.first(1);
    expect(mine).toMatchObject([{ type: 'note.created', resource: { kind: 'note' } }]);
    expect(mine[0]?.resource?.id).not.toBe(theirs.body.data['id']);
    await socket.close();
  });

  test.each([
    "user.1.' OR 1=1 --",
    'user.1.x;DROP TABLE realtime_log',
    'user.-1.abcdefgh',
    'user.1e3.abcdefgh',
    'user.99999999999999999999.abcdefgh',
    'user.9007199254740991.abcdefgh',
    '__proto__.1.abcdefgh',
    'constructor.1.abcdefgh~user.1.abcdefgh',
    'revocations.0.',
    'user:1.1.abcdefgh',
    'user.1.abcdefgh~user.1.abcdefgh',
    `${'user.1.abcdefgh~'.repeat(500)}`,
    '\u0000',
    '~~~~',
    'user.1',
  ])('[P8] the position %j is refused whole, and the connection goes on', async (cursor) => {
    const socket = await openLive(target.url, { token: target.user.token, cursor });
    expect(socket.connected.resumed).toBe(false);
    expect(['malformed', 'unknown_history']).toContain(socket.connected.reason);
    await socket.close();
    const byUrl = await openLive(target.url, { token: target.user.token, by: 'header', cursor });
    expect(byUrl.connected).toMatchObject({ resumed: false, reason: socket.connected.reason });
    await byUrl.close();
  });
});
