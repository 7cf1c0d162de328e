/** Requests that are no handshake, or only half of one, byte by byte: each is answered, ended in time, and disturbs nobody. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { clientFrame, PONG, textFrame } from './support/frames.ts';
import { GROWTH_BYTES, growthUnder } from './support/growth.ts';
import { type Headers, type UpgradeParts, upgradeText } from './support/peer.ts';
import { Target } from './support/target.ts';

const MIB = 1024 * 1024;
/** A moment less than half a head is waited for; the server looks every second, and later when it is busy. */
const HEAD_AFTER_MS = 9_500;

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    FRIDAY_AUTH_TIMEOUT_SECONDS: '1',
    FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '10000',
    FRIDAY_MAX_UNAUTHENTICATED_CONNECTIONS: '10000',
  });
});
afterEach(() => target.expectServing());
afterAll(async () => expect(await target.end()).toEqual([]));

const good = upgradeText();

/** Sends text, reads the answer, and leaves. @returns the status, and the code of the error. */
async function answerTo(text: string): Promise<string> {
  const peer = await target.dial();
  peer.send(text);
  const refusal = await peer.refusal();
  peer.socket.end();
  await peer.untilGone();
  return refusal;
}

describe('a handshake that is none', () => {
  const wrong: ReadonlyArray<readonly [what: string, headers: Headers, refusal: string]> = [
    ['no version', { 'sec-websocket-version': undefined }, '400 bad_handshake'],
    ['the version 8', { 'sec-websocket-version': '8' }, '400 bad_handshake'],
    ['two versions', { 'sec-websocket-version': ['13', '8'] }, '400 bad_handshake'],
    ['no key', { 'sec-websocket-key': undefined }, '400 bad_handshake'],
    ['a key of 15 bytes', { 'sec-websocket-key': Buffer.alloc(15).toString('base64') }, '400 bad_handshake'],
    ['a key that is no base64', { 'sec-websocket-key': '!!!!!!!!!!!!!!!!!!!!!!==' }, '400 bad_handshake'],
    ['a subprotocol that is no token', { 'sec-websocket-protocol': 'friday.v1, a b' }, '400 bad_handshake'],
    ['a subprotocol twice', { 'sec-websocket-protocol': 'friday.v1, friday.v1' }, '400 bad_handshake'],
    ['only unknown subprotocols', { 'sec-websocket-protocol': 'soap, wamp' }, '400 unsupported_protocol'],
    ['no host', { host: undefined }, '400 bad_handshake'],
    ['two hosts', { host: ['localhost', 'evil.example'] }, '400 bad_handshake'],
    ['a body by its length', { 'content-length': '5' }, '400 bad_handshake'],
    ['a body in chunks', { 'transfer-encoding': 'chunked' }, '400 bad_handshake'],
  ];

  test('HTTP/1.0', async () => {
    expect(await answerTo(good.replace('HTTP/1.1', 'HTTP/1.0'))).toBe('400 bad_handshake');
  });

  test.each(wrong)('%s', async (_what, headers, expected) => {
    expect(await answerTo(upgradeText({ headers }))).toBe(expected);
  });

  const elsewhere: ReadonlyArray<readonly [what: string, parts: UpgradeParts, status: number]> = [
    ['POST', { method: 'POST' }, 405],
    ['an unknown path', { target: '/v1/wss' }, 404],
    ['a path that climbs', { target: '/v1/notes/../ws' }, 404],
    ['the path in capitals', { target: '/V1/WS' }, 404],
    ['another resource', { target: '/v1/notes' }, 401],
    ['another protocol', { headers: { upgrade: 'h2c' } }, 426],
    ['an absolute URL', { target: 'http://localhost/v1/ws' }, 426],
    ['an absolute URL that is none', { target: 'http://[bad/v1/ws' }, 400],
  ];

  test.each(elsewhere)('an upgrade by or to %s is a plain request, and answered as one', async (_what, parts, status) => {
    const peer = await target.dial();
    const { headers = {} } = parts;
    peer.send(upgradeText({ ...parts, headers: { ...headers, connection: 'Upgrade, close' } }));
    expect(await peer.status()).toBe(status);
  });

  test('[P1] an offer of compression is not taken up, and a compressed frame is none', async () => {
    const peer = await target.open({ headers: { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' } });
    expect((await peer.head()).toLowerCase()).not.toContain('sec-websocket-extensions');
    peer.send(clientFrame({ opcode: 1, payload: Buffer.from('aa56ca48cdc9c95728cf2fca490100', 'hex'), reserved: 4 }));
    expect(await peer.closeCode()).toBe(1002);
  });

  test('[P1] an offer of extensions that is not even well-formed is ignored', async () => {
    await target.open({ headers: { 'sec-websocket-extensions': ';;=,permessage-deflate; ="' } });
  });
});

describe('half a handshake', { concurrent: true }, () => {
  const within = { timeout: 30_000 };

  test('an upgrade, then silence: 4001 after the time for authentication', within, async () => {
    const peer = await target.open();
    expect(await peer.closeCode()).toBe(4001);
    expect(peer.lastError).toBe('unauthenticated');
  });

  test('an upgrade, then half a frame: 4001 too', within, async () => {
    const peer = await target.open();
    const frame = textFrame({ type: 'authenticate', token: target.user.token });
    peer.send(frame.subarray(0, frame.length - 1));
    expect(await peer.closeCode()).toBe(4001);
  });

  test('an upgrade, then nothing but pongs: 4001 too', within, async () => {
    const peer = await target.open();
    const drip = setInterval(() => peer.send(clientFrame({ opcode: PONG })), 500);
    try {
      expect(await peer.closeCode()).toBe(4001);
    } finally {
      clearInterval(drip);
    }
  });

  test.each([
    ['nothing at all', ''],
    ['half a line', 'GET /v1'],
    ['a head without its end', good.slice(0, -2)],
    ['a line that never ends', 'GET /v1/ws?cursor='],
  ])('%s, then silence: 408 after ten seconds, and the connection ends', within, async (_what, text) => {
    const start = performance.now();
    const peer = await target.dial();
    peer.send(text);
    expect(await peer.refusal()).toBe('408 request_timeout');
    expect(performance.now() - start).toBeGreaterThan(HEAD_AFTER_MS);
    await peer.untilGone();
  });

  test('byte by byte without end: 408 all the same, for what counts is when the request began', within, async () => {
    const peer = await target.dial();
    peer.send(good.slice(0, -2));
    const drip = setInterval(() => peer.send('x'), 100);
    try {
      expect(await peer.refusal()).toBe('408 request_timeout');
      await peer.untilGone();
    } finally {
      clearInterval(drip);
    }
  });
});

describe('more than a server wants to read', () => {
  const floods: ReadonlyArray<readonly [what: string, text: string]> = [
    ['a header of a megabyte', `${good.slice(0, -2)}X-Flood: ${'x'.repeat(MIB)}\r\n\r\n`],
    ['a header name of a megabyte', `${good.slice(0, -2)}${'x'.repeat(MIB)}: x\r\n\r\n`],
    ['fifty thousand headers', `${good.slice(0, -2)}${'X-Flood: x\r\n'.repeat(50_000)}\r\n`],
    ['fifty thousand short headers', `${good.slice(0, -2)}${'a:b\r\n'.repeat(50_000)}\r\n`],
    ['a URL of a megabyte', `GET /v1/ws?cursor=${'x'.repeat(MIB)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['a token of a megabyte', upgradeText({ token: 'x'.repeat(MIB) })],
    ['a hundred thousand subprotocols', upgradeText({ headers: { 'sec-websocket-protocol': 'a,'.repeat(100_000) } })],
  ];

  test.each(floods)('%s gets 431', async (_what, text) => {
    expect(await answerTo(text)).toBe('431 headers_too_large');
  });

  test('headers up to the limit are read, however many: the last is not forgotten', async () => {
    const many = 'a:b\r\n'.repeat(900);
    expect(await answerTo(`${good.slice(0, -2)}${many}Origin: https://evil.example\r\n\r\n`)).toBe('403 origin_not_allowed');
  });

  test('over and over: memory stays where it was, and notes still arrive', { timeout: 60_000 }, async ({ annotate }) => {
    const { grownBytes, report } = await growthUnder(target, {
      round: () => Promise.all(floods.map(([, text]) => answerTo(text))),
      rounds: 40,
      connections: floods.length,
      bytes: floods.reduce((sum, [, text]) => sum + text.length, 0),
    });
    await annotate(report);
    expect(grownBytes).toBeLessThan(GROWTH_BYTES);
  });
});

test.concurrent.each([
  ['a refused upgrade', upgradeText({ headers: { origin: 'https://evil.example' } }), '403 origin_not_allowed'],
  ['an upgrade that is none', upgradeText({ headers: { 'sec-websocket-key': 'short' } }), '400 bad_handshake'],
  ['too long a head', `${good.slice(0, -2)}X: ${'x'.repeat(MIB)}`, '431 headers_too_large'],
  ['no HTTP', 'hello\r\n\r\n', '400 bad_request'],
])('whoever keeps the connection open after %s is cut off', async (_what, text, expected) => {
  const peer = await target.dial();
  peer.send(text);
  expect(await peer.refusal()).toBe(expected);
  await peer.untilGone();
});

describe('several requests on one connection', () => {
  test('a thousand upgrades in one write: the first is answered, the rest are no frames', async () => {
    const peer = await target.dial();
    peer.send(good.repeat(1_000));
    expect(await peer.status()).toBe(101);
    expect(await peer.closeCode()).toBe(1002);
    peer.socket.end();
    await peer.untilGone();
  });

  test('a thousand refused upgrades in one write: one answer at most, and the connection ends', async () => {
    const peer = await target.dial();
    const refused = upgradeText({ headers: { origin: 'https://evil.example' } });
    peer.send(refused.repeat(1_000));
    expect(await peer.refusal()).toBe('403 origin_not_allowed');
    await peer.untilGone();
  });

  test('a thousand upgrades on as many connections at once are all served', { timeout: 30_000 }, async ({ annotate }) => {
    const { delivered, slowestMs } = await target.during(async () => {
      const peers = await Promise.all(Array.from({ length: 1_000 }, () => target.dial()));
      for (const peer of peers) peer.send(upgradeText({ token: 'not.a.token' }));
      const refusals = new Set(await Promise.all(peers.map((peer) => peer.refusal())));
      expect([...refusals]).toEqual(['401 unauthenticated']);
    });
    await annotate(`${delivered} notes arrived meanwhile, the slowest after ${Math.round(slowestMs)} ms`);
  });

  test('an upgrade that does not wait for the answer to the request before it does not overtake it, and is none', async () => {
    const peer = await target.dial();
    peer.send(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n${good}`);
    await eventually('both answers', () => peer.body.includes('HTTP/1.1'));
    expect(await peer.status()).toBe(200);
    expect(peer.body).toMatch(/^\{"status":"ok"\}HTTP\/1\.1 426 /);
  });

  test('an upgrade after the answer to another request is one', async () => {
    const peer = await target.dial();
    peer.send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually('the answer', () => peer.body.endsWith('}'));
    peer.send(good);
    await eventually('the upgrade', () => peer.body.includes('HTTP/1.1 101'));
  });

  test('a client that hangs up within the body of its request leaves no fault in the log', async () => {
    const peer = await target.dial();
    const { token } = target.user;
    peer.send(
      `POST /v1/notes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\n{"content"`,
    );
    peer.socket.end();
    await peer.untilGone();
  });
});

describe('requests of which two readers would make two things', () => {
  const hidden = 'GET /v1/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const head = 'POST /v1/auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

  test.each([
    ['a length and chunks', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['chunks and a length', `${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}${hidden}`],
    ['a length with a sign', `${head}Content-Length: +2\r\n\r\n{}${hidden}`],
    ['a length with a comma', `${head}Content-Length: 2, 2\r\n\r\n{}${hidden}`],
    ['a coding that is not known last', `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`],
    ['a coding with a tab', `${head}Transfer-Encoding:\tchunked, x\r\n\r\n0\r\n\r\n${hidden}`],
    ['a space before the colon', `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a header that is folded', `${head}X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['bare line feeds', `${head}Content-Length: 2\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a chunk whose length is none', `${head}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n${hidden}`],
    ['a zero byte in a header', `${head}X: a\u0000b\r\n\r\n${hidden}`],
    ['no host', `GET /healthz HTTP/1.1\r\n\r\n${hidden}`],
    ['two hosts', `GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${hidden}`],
  ])('%s: 400, and nothing behind it is read', async (_what, text) => {
    const peer = await target.dial();
    peer.send(text);
    expect(await peer.refusal()).toBe('400 bad_request');
    peer.socket.end();
    await peer.untilGone();
    expect(target.server.log.filter(({ path }) => path === '/v1/hidden')).toEqual([]);
  });
});
