import { afterEach, expect, test } from 'vitest';
import { REGISTRATION_LIMIT, TOKEN_LIMIT, USUAL_LIMIT } from '../src/routers/http/rate-limits.ts';
import { type Answer, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;

afterEach(() => server.close());

async function start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  server = await startTestServer({ FRIDAY_RATE_LIMITS: 'on', ...settings });
}

/** Makes requests until one is refused. @returns how many were not, and the refusal. */
async function exhaust(request: () => Promise<Answer>): Promise<{ served: number; refusal: Answer }> {
  for (let served = 0; ; served += 1) {
    const refusal = await request();
    if (refusal.status === 429) return { served, refusal };
    if (served > 5000) throw new Error('No limit was reached.');
  }
}

test.each([
  ['/v1/auth/register', REGISTRATION_LIMIT],
  ['/v1/auth/token', TOKEN_LIMIT],
])('%s is limited by address, with the body of every fault', async (path, limit) => {
  await start();
  const { served, refusal } = await exhaust(() => server.request('POST', path, { body: {} }));
  expect(served).toBe(limit.max);
  const seconds = Number(refusal.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(limit.timeWindow / 1000);
  const message = `Too many requests: come back in ${seconds} s.`;
  expect(refusal.body).toEqual({ detail: message, data: null, message, error: { code: 'rate_limited', message } });
  expect((await server.request('GET', '/v1/notes')).status).toBe(401);
});

test('a user is limited, but neither other users nor the health routes', async () => {
  await start();
  const [busy, quiet] = [await server.register(), await server.register()];
  const { served } = await exhaust(() => server.request('GET', '/v1/notes/x', { token: busy.token }));
  expect(served).toBe(USUAL_LIMIT.max);
  expect((await server.request('GET', '/v1/notes', { token: quiet.token })).status).toBe(200);
  expect((await server.request('GET', '/healthz')).status).toBe(200);
});

test('strangers with wrong tokens are limited by their address', async () => {
  await start();
  const { served, refusal } = await exhaust(() => server.request('GET', '/v1/notes', { token: 'wrong' }));
  expect(served).toBe(USUAL_LIMIT.max);
  expect(refusal.body.error?.code).toBe('rate_limited');
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
  expect(served).toBe(REGISTRATION_LIMIT.max);
  expect((await registerVia('192.0.2.2')).status).toBe(422);
  expect((await registerVia('192.0.2.1, 192.0.2.2')).status).toBe(422);
  expect((await server.request('POST', '/v1/auth/register', { body: {} })).status).toBe(422);
});

test('behind two, the second from the end counts', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '2' });
  const { served } = await exhaust(() => registerVia('10.9.9.9, 192.0.2.1, 198.51.100.7'));
  expect(served).toBe(REGISTRATION_LIMIT.max);
  expect((await registerVia('192.0.2.1, 192.0.2.2, 198.51.100.7')).status).toBe(422);
});

test('an IPv6 address counts with all of its /64, one that is mapped from IPv4 as that', async () => {
  await start({ FRIDAY_TRUSTED_PROXIES: '1' });
  let count = 0;
  const { served } = await exhaust(() => {
    count += 1;
    return registerVia(`2001:db8:1:2::${count.toString(16)}`);
  });
  expect(served).toBe(REGISTRATION_LIMIT.max);
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
  expect(served).toBe(REGISTRATION_LIMIT.max);
});
