import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { App } from '../src/routers/app-instance.ts';
import { healthRouter, type ReadinessChecks } from '../src/routers/health.router.ts';
import { createServer } from '../src/routers/http/server.ts';
import { startTestServer } from './support/server.ts';

let app: App | undefined;

afterEach(() => app?.close());

async function readiness(checks: ReadinessChecks): Promise<Response> {
  const options = { logger: pino({ level: 'silent' }), origins: () => false, maxBodyBytes: 1024, rateLimits: false as const };
  app = await createServer(options, async (server) => healthRouter(checks)(server));
  return fetch(`${await app.listen({ host: '127.0.0.1', port: 0 })}/readyz`);
}

test('a server with all that it needs is alive and ready', async () => {
  const server = await startTestServer();
  expect((await server.request('GET', '/healthz')).text).toBe('{"status":"ok"}');
  expect((await server.request('GET', '/readyz')).text).toBe('{"status":"ok"}');
  await server.close();
});

test('a server that lacks something says what, and when to ask again', async () => {
  const answer = await readiness({
    database: () => Promise.reject(new Error('gone')),
    clock: () => Promise.resolve(true),
    broker: () => Promise.resolve(false),
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  const message = 'Not ready: database, broker down.';
  expect(await answer.json()).toEqual({ detail: message, data: null, message, error: { code: 'not_ready', message } });
});
