import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { RequestTracing } from './request-tracing.ts';
import { createServer } from './server.ts';

const parts = { logger: pino({ level: 'silent' }), origins: () => false, maxBodyBytes: 1024, rateLimits: false } as const;

test('where nobody follows requests, they have no trace', async () => {
  const app = await createServer(parts, async () => undefined);
  expect(app.hasRequestDecorator('trace')).toBe(false);
  await app.close();
});

test('a request is followed from its head on, is run as a part of its trace twice, and ends once', async () => {
  const told: unknown[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const tracing: RequestTracing = {
    begin: ({ method, route, path }) => {
      told.push([method, route, path]);
      return {
        run: (next) => {
          told.push('run');
          next();
        },
        end: (outcome) => {
          told.push(outcome);
          end();
        },
      };
    },
  };
  const app = await createServer({ ...parts, tracing }, async (routes) => void routes.get('/a/:id', () => 'b'));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  expect((await fetch(`${url}/a/1?secret`)).status).toBe(200);
  await ended;
  expect(told).toEqual([['GET', '/a/:id', '/a/1'], 'run', 'run', { status: 200, errorCode: null }]);
  await app.close();
});
