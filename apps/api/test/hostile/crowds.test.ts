/** Too many peers: each limit on connections and on handshakes at its boundary, and floods of connections that do nothing. */
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { Settings } from '../support/server-host.ts';
import { clientFrame, TEXT, textFrame } from './support/frames.ts';
import { GROWTH_BYTES, growthUnder } from './support/growth.ts';
import { type Headers, type Peer, upgradeText } from './support/peer.ts';
import { startFlood } from './support/reset-flood.ts';
import { Target } from './support/target.ts';

/** A server behind one proxy, so that attackers have addresses of their own. */
async function startTarget(settings: Settings = {}): Promise<Target> {
  const target = await Target.start({ FRIDAY_RATE_LIMITS: 'on', FRIDAY_TRUSTED_PROXIES: '1', ...settings });
  onTestFinished(async () => expect(await target.end()).toEqual([]));
  return target;
}

const ATTACKER: Headers = { 'x-forwarded-for': '203.0.113.9' };

async function refusal(target: Target, headers: Headers, token?: string): Promise<string> {
  const peer = await target.dial();
  peer.send(upgradeText({ headers, ...(token !== undefined && { token }) }));
  const answer = await peer.refusal();
  const retryAfter = /retry-after: (\d+)/i.exec(await peer.head())?.[1];
  peer.socket.destroy();
  return `${answer}${Number(retryAfter) >= 1 ? ', come back later' : ''}`;
}

test('an address has its connections and no more: 429; other addresses, and the next one after one has left, come in', async () => {
  const target = await startTarget({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '20' });
  const peers: Peer[] = [];
  for (let count = 0; count < 20; count += 1) peers.push(await target.open({ headers: ATTACKER }));
  expect(await refusal(target, ATTACKER)).toBe('429 too_many_connections, come back later');
  // What a client writes into the header itself stands before what the proxy added, and counts for nothing.
  expect(await refusal(target, { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })).toMatch(/^429/);
  await target.open({ headers: { 'x-forwarded-for': '203.0.113.10' } });
  await target.expectServing();
  peers[0]?.socket.resetAndDestroy();
  await eventually('the end of the first', () =>
    target.server.log.some(({ address, code }) => address === '203.0.113.9' && code === 1006),
  );
  await target.open({ headers: ATTACKER });
});

test('IPv6 addresses of one network are one: 429 for the next in it', async () => {
  const target = await startTarget({ FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '5' });
  for (let host = 1; host <= 5; host += 1) await target.open({ headers: { 'x-forwarded-for': `2001:db8:1:2::${host}` } });
  expect(await refusal(target, { 'x-forwarded-for': '2001:db8:1:2:ffff::6' })).toBe('429 too_many_connections, come back later');
  await target.open({ headers: { 'x-forwarded-for': '2001:db8:1:3::1' } });
});

test('a user has connections and no more: 429 before the upgrade, 4101 after it', async () => {
  const target = await startTarget({ FRIDAY_MAX_CONNECTIONS_PER_USER: '5' });
  for (let count = 0; count < 4; count += 1) await target.openLive();
  const { token } = target.user;
  expect(await refusal(target, {}, token)).toBe('429 too_many_connections, come back later');
  const late = await target.open();
  late.send(textFrame({ type: 'authenticate', token }));
  expect(await late.closeCode()).toBe(4101);
  expect(late.messages.at(-1)?.['type']).toBe('reconnect');
  await target.expectServing();
});

test('those who have not said who they are have a limit of their own: 503, while users still come in', async () => {
  const target = await startTarget({ FRIDAY_MAX_UNAUTHENTICATED_CONNECTIONS: '10' });
  for (let count = 0; count < 10; count += 1) await target.open({ headers: ATTACKER });
  expect(await refusal(target, ATTACKER)).toBe('503 over_capacity, come back later');
  await target.openLive();
  await target.expectServing();
});

test('the server has a limit in all: 503, also for users; those who are connected are served', async () => {
  const target = await startTarget({ FRIDAY_MAX_CONNECTIONS: '15' });
  for (let count = 0; count < 14; count += 1) await target.open({ headers: ATTACKER });
  expect(await refusal(target, {}, target.user.token)).toBe('503 over_capacity, come back later');
  await target.expectServing();
});

test('an address that knocks too often gets 429 whether or not its knocks are any good; another one does not', async () => {
  const target = await startTarget({ FRIDAY_HANDSHAKES_PER_ADDRESS_PER_MINUTE: '30' });
  const answers: string[] = [];
  for (let count = 0; count < 40; count += 1) answers.push(await refusal(target, ATTACKER, 'not.a.token'));
  expect(answers.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => '401 unauthenticated'));
  expect(new Set(answers.slice(31))).toEqual(new Set(['429 rate_limited, come back later']));
  expect(await refusal(target, ATTACKER, target.user.token)).toBe('429 rate_limited, come back later');
  await target.openLive();
  await target.expectServing();
});

test('a thousand connections that say nothing: an address holds its share of sockets, the rest are closed at once', async () => {
  const target = await startTarget({ FRIDAY_TRUSTED_PROXIES: '0', FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '100' });
  const peers = await Promise.all(Array.from({ length: 1_000 }, () => target.dial()));
  const closed = () => peers.filter(({ ended, gone }) => ended || gone).length;
  await eventually('the end of those that are too many', () => closed() >= 400);
  // Those who use the server already, and keep their connection, do not notice.
  await target.expectServing();
  expect(closed()).toBeLessThan(500);
  // Not all are told why: who only wants to be told would hold as many connections as it likes.
  expect(peers.filter(({ body }) => body !== '').length).toBeGreaterThan(0);
});

// Addresses of their own on loopback are Linux's.
test.skipIf(process.platform !== 'linux')(
  'an address that connects and resets without end: a newcomer of another one is not kept waiting',
  { timeout: 60_000 },
  async ({ annotate }) => {
    const target = await startTarget({ FRIDAY_TRUSTED_PROXIES: '0', FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '100' });
    const flood = startFlood(target.url, '127.0.0.2');
    onTestFinished(() => flood.stop());
    await eventually('a crowd', () => flood.made >= 5_000);
    const newcomer = await target.dial();
    const before = flood.made;
    newcomer.send('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect(await newcomer.status()).toBe(200);
    const meanwhile = flood.made - before;
    await flood.stop();
    await annotate(`${meanwhile} connections were made before the newcomer was answered`);
    // Waiting behind all that have come would take some twenty thousand more.
    expect(meanwhile).toBeLessThan(8_000);
    await target.expectServing();
  },
);

test('one connection more than an address may have gets 429, whatever it sends, and ends; the next one after one has left comes in', async () => {
  const target = await startTarget({
    FRIDAY_TRUSTED_PROXIES: '0',
    FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '10',
    FRIDAY_REQUEST_SOCKETS_PER_ADDRESS: '10',
  });
  const peers: Peer[] = [];
  const answered = () => peers.filter(({ ended }) => ended).length;
  // The bystander holds some of the twenty.
  while (answered() === 0 && peers.length <= 20) {
    const peer = await target.dial();
    peers.push(peer);
    peer.send('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(3));
    await peer.head();
  }
  expect(peers.length).toBeGreaterThan(10);
  const last = peers.at(-1);
  expect(await last?.refusal()).toBe('429 too_many_connections');
  expect(await last?.head()).toMatch(/retry-after: 5\r\nconnection: close|connection: close\r\nretry-after: 5/i);
  await last?.untilGone();
  peers[0]?.socket.resetAndDestroy();
  const served = async () => {
    const peer = await target.dial();
    peer.send('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    return (await peer.status()) === 200;
  };
  await eventually('room for the next one', served);
  await target.expectServing();
});

test('connections that break off at every stage, over and over: memory stays where it was', { timeout: 60_000 }, async ({
  annotate,
}) => {
  const target = await startTarget({
    FRIDAY_RATE_LIMITS: 'off',
    FRIDAY_MAX_CONNECTIONS_PER_ADDRESS: '10000',
    FRIDAY_MAX_CONNECTIONS_PER_USER: '10000',
  });
  const { token } = target.user;
  const good = upgradeText({ token });
  const stages: ReadonlyArray<readonly (string | Buffer)[]> = [
    [],
    [good.slice(0, 20)],
    [good],
    [upgradeText()],
    [upgradeText(), textFrame({ type: 'authenticate', token })],
    [good, clientFrame({ opcode: TEXT, payload: 'x'.repeat(10_000) }).subarray(0, 9_000)],
    [good, clientFrame({ opcode: TEXT, payload: '{', fin: false })],
    [upgradeText({ token: 'not.a.token' })],
  ];
  const all = Array.from({ length: 25 }, () => stages).flat();
  const breakOff = async (sent: readonly (string | Buffer)[], index: number) => {
    const peer = await target.dial();
    for (const bytes of sent) peer.send(bytes);
    // Half of them at once, half once they have heard something.
    if (index % 2 === 0 && sent.length > 0 && sent[0] !== good.slice(0, 20)) await peer.head();
    peer.socket.resetAndDestroy();
  };
  const { grownBytes, report } = await growthUnder(target, {
    round: () => Promise.all(all.map(breakOff)),
    rounds: 20,
    connections: all.length,
    bytes: all.flat().reduce((sum, bytes) => sum + bytes.length, 0),
  });
  await annotate(report);
  expect(grownBytes).toBeLessThan(GROWTH_BYTES);
});

test('a flood of handshakes that are refused: a few lines of the log each second, and one that counts the rest', async () => {
  const target = await Target.start({ FRIDAY_LOG_LEVEL: 'info' });
  onTestFinished(async () => expect(await target.end()).toEqual([]));
  const knocks = 1_000;
  const knock = () => refusal(target, {}, 'not.a.token');
  const start = performance.now();
  await target.during(async () => {
    for (let done = 0; done < knocks; done += 50) await Promise.all(Array.from({ length: 50 }, knock));
  });
  const told = (msg: string) => target.server.log.filter((line) => line['msg'] === msg);
  const summedUp = () => told('more connections refused').reduce((sum, { more }) => sum + Number(more), 0);
  await eventually('the count of the rest', () => told('connection refused').length + summedUp() === knocks);
  const seconds = Math.ceil((performance.now() - start) / 1000);
  expect(told('connection refused').length).toBeLessThanOrEqual(5 * (seconds + 1));
  expect(told('more connections refused').at(-1)).toMatchObject({
    code: 'unauthenticated',
    most: { '127.0.0.1': expect.any(Number) },
  });
});
