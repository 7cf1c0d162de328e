import { afterEach, expect, test } from 'vitest';
import { type Answer, startTestServer, type TestServer } from './support/server.ts';

/** Each limit has a number of its own, so that it shows which one refused. */
const LIMITS = {
  FRIDAY_RATE_LIMITS: 'on',
  FRIDAY_REQUESTS_PER_USER_PER_MINUTE: '30',
  FRIDAY_REQUESTS_PER_ADDRESS_PER_MINUTE: '70',
  FRIDAY_REGISTRATIONS_PER_ADDRESS: '10',
  FRIDAY_TOKENS_PER_ADDRESS_PER_MINUTE: '20',
};

let server: TestServer;

afterEach(() => server.close());

async function start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  server = await startTestServer({ ...LIMITS, ...settings });
}

/** Makes requests until one is refused. @returns how many were not, and the refusal. */
async function exhaust(request: () => Promise<Answer>): Promise<{ served: number; refusal: Answer }> {
  for (let served = 0; ; served += 1) {
    const refusal = await request();
    if (refusal.status === 429) return { served, refusal };
    if (served > 100) throw new Error('No limit was reached.');
  }
}

test.each([
  ['/v1/auth/register', 10, 600],
  ['/v1/auth/token', 20, 60],
])('%s is limited by address, with the body of every fault', async (path, max, windowSeconds) => {
  await start();
  const { served, refusal } = await exhaust(() => server.request('POST', path, { body: {} }));
  expect(served).toBe(max);
  const seconds = Number(refusal.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(windowSeconds);
  const message = `Too many requests: come back in ${seconds} s.`;
  expect(refusal.body).toEqual({ detail: message, data: null, message, error: { code: 'rate_limited', message } });
  expect((await server.request('GET', '/v1/notes')).status).toBe(401);
});

test('a user is limited, but neither other users nor the health routes', async () => {
  await start();
  const [busy, quiet] = [await server.register(), await server.register()];
  const { served } = await exhaust(() => server.request('GET', '/v1/notes/x', { token: busy.token }));
  expect(served).toBe(30);
  expect((await server.request('GET', '/v1/notes', { token: quiet.token })).status).toBe(200);
  expect((await server.request('GET', '/healthz')).status).toBe(200);
});

test('strangers with wrong tokens are limited by their address', async () => {
  await start();
  const { served, refusal } = await exhaust(() => server.request('GET', '/v1/notes', { token: 'wrong' }));
  expect(served).toBe(30);
  expect(refusal.body.error?.code).toBe('rate_limited');
});

test('users of one address are limited together too, before their tokens are looked at; health routes are not', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '1' });
  const [ann, bob, eve] = [await server.register(), await server.register(), await server.register()];
  const get = (token: string, address: string) =>
    server.request('GET', '/v1/notes', { token, headers: { 'x-forwarded-for': address } });
  for (const { token } of [ann, bob]) {
    for (let count = 0; count < 30; count += 1) expect((await get(token, '192.0.2.1')).status).toBe(200);
  }
  for (let count = 60; count < 70; count += 1) expect((await get(eve.token, '192.0.2.1')).status).toBe(200);
  for (const token of [eve.token, 'wrong']) {
    const refusal = await get(token, '192.0.2.1');
    expect([refusal.status, refusal.body.error?.code]).toEqual([429, 'rate_limited']);
    const seconds = Number(refusal.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
  }
  // What was refused by address did not count for the user.
  for (let count = 10; count < 30; count += 1) expect((await get(eve.token, '192.0.2.2')).status).toBe(200);
  expect((await get(eve.token, '192.0.2.2')).status).toBe(429);
  const alive = await server.request('GET', '/healthz', { headers: { 'x-forwarded-for': '192.0.2.1' } });
  expect(alive.status).toBe(200);
});

test('a body is not read for an address that has asked too often', async () => {
  await start({ FRIDAY_REQUESTS_PER_ADDRESS_PER_MINUTE: '1' });
  const malformed = () => server.request('POST', '/v1/notes', { body: '{' });
  expect((await malformed()).status).toBe(422);
  expect((await malformed()).status).toBe(429);
});

test.each([
  ['an unknown path', 'GET', '/v1/nothing', 404],
  ['a wrong method', 'DELETE', '/v1/notes', 405],
  ['a wrong method of a health route', 'DELETE', '/healthz', 405],
])('%s counts for the address', async (_name, method, path, status) => {
  await start();
  expect((await server.request(method, path)).status).toBe(status);
  const { served, refusal } = await exhaust(() => server.request(method, path));
  expect(served).toBe(69);
  expect(refusal.body.error?.code).toBe('rate_limited');
});

test('all addresses of one IPv6 network are limited together', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '1' });
  let count = 0;
  const { served } = await exhaust(() => {
    count += 1;
    return server.request('GET', '/v1/nothing', { headers: { 'x-forwarded-for': `2001:db8:1:2::${count.toString(16)}` } });
  });
  expect(served).toBe(70);
  const neighbour = { headers: { 'x-forwarded-for': '2001:db8:1:3::1' } };
  expect((await server.request('GET', '/v1/nothing', neighbour)).status).toBe(404);
});

test('the limits are off where the operator says so', async () => {
  await start({ FRIDAY_RATE_LIMITS: 'off' });
  for (let count = 0; count < 80; count += 1) {
    expect((await server.request('POST', '/v1/auth/register', { body: {} })).status).toBe(422);
  }
});

/** Registrations that were heard by these proxies on their way, the last of them our own. */
const registerVia = (forwardedFor: string) =>
  server.request('POST', '/v1/auth/register', { body: {}, headers: { 'x-forwarded-for': forwardedFor } });

test('behind a trusted proxy the address is the one that it heard; what stands before it is hearsay', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '1' });
  let count = 0;
  const { served } = await exhaust(() => {
    count += 1;
    return registerVia(`10.9.9.${count}, 192.0.2.1`);
  });
  expect(served).toBe(10);
  expect((await registerVia('192.0.2.2')).status).toBe(422);
  expect((await registerVia('192.0.2.1, 192.0.2.2')).status).toBe(422);
  expect((await server.request('POST', '/v1/auth/register', { body: {} })).status).toBe(422);
});

test('behind two, the second from the end counts', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '2' });
  const { served } = await exhaust(() => registerVia('10.9.9.9, 192.0.2.1, 198.51.100.7'));
  expect(served).toBe(10);
  expect((await registerVia('192.0.2.1, 192.0.2.2, 198.51.100.7')).status).toBe(422);
});

test('an IPv6 address counts with all of its /64, one that is mapped from IPv4 as that', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '1' });
  let count = 0;
  const { served } = await exhaust(() => {
    count += 1;
    return registerVia(`2001:db8:1:2::${count.toString(16)}`);
  });
  expect(served).toBe(10);
  expect((await registerVia('2001:db8:1:3::1')).status).toBe(422);
  await exhaust(() => registerVia('::ffff:192.0.2.9'));
  expect((await registerVia('192.0.2.9')).status).toBe(429);
  expect((await registerVia('192.0.2.10')).status).toBe(422);
});

test('without a trusted proxy the header is not looked at', async () => {
  await start();
  let count = 0;
  const { served } = await exhaust(() => {
    count += 1;
    return registerVia(`192.0.2.${count}`);
  });
  expect(served).toBe(10);
});
