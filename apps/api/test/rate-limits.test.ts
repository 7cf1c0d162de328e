import { afterEach, expect, test } from 'vitest';
import { REGISTRATION_LIMIT, TOKEN_LIMIT, USUAL_LIMIT } from '../src/routers/http/rate-limits.ts';
import { type Answer, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;

afterEach(() => server.close());

async function start(): Promise<void> {
  server = await startTestServer({ FRIDAY_RATE_LIMITS: 'on' });
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
