/** Which web pages may use REST. Source: rule P3 of the protocol. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;

const preflight = (origin: string, path = '/v1/notes') =>
  server.request('OPTIONS', path, { headers: { origin, 'access-control-request-method': 'PUT' } });

describe('with a list of origins', () => {
  beforeAll(async () => {
    server = await startTestServer({
      FRIDAY_HOST: '0.0.0.0',
      FRIDAY_PUBLIC_URL: 'https://friday.example',
      FRIDAY_ALLOWED_ORIGINS: 'https://app.example, http://other.example:8080',
    });
  });
  afterAll(() => server.close());

  test.each(['https://friday.example', 'https://app.example', 'http://other.example:8080'])('[P3] %s may', async (origin) => {
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE');
    const allowed = 'Authorization, Content-Type, Friday-Client-Id, If-Match, Traceparent, Tracestate';
    expect(answer.headers.get('access-control-allow-headers')).toBe(allowed);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const read = await server.request('GET', '/v1/notes', { headers: { origin } });
    expect(read.status).toBe(401);
    expect(read.headers.get('access-control-allow-origin')).toBe(origin);
    expect(read.headers.get('access-control-expose-headers')).toBe('Allow, ETag, Friday-Cursor, Retry-After, WWW-Authenticate');
    expect(read.headers.get('vary')).toContain('Origin');
  });

  test.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'http://localhost:3000',
    'null',
    'x',
  ])('[P3] %s may not', async (origin) => {
    const refused = await preflight(origin);
    expect(refused.status).toBe(405);
    const read = await server.request('GET', '/healthz', { headers: { origin } });
    for (const { headers } of [refused, read]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  test.each(['/v1/nothing', '/v1/auth/token', '/openapi.json', '/v1/ws'])('faults of %s can be read too', async (path) => {
    const answer = await server.request('PUT', path, { headers: { origin: 'https://app.example' } });
    expect(answer.status).toBeGreaterThanOrEqual(404);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });

  test('an OPTIONS that asks for no method is refused like any other method', async () => {
    const answer = await server.request('OPTIONS', '/v1/notes', { headers: { origin: 'https://app.example' } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
  });
});

describe('on loopback', () => {
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  test.each(['http://localhost:5173', 'http://127.0.0.1', 'https://[::1]:8443'])(
    '[P3] the page %s of this machine may',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBe(origin);
    },
  );

  test("[P3] the server's own pages may", async () => {
    expect((await preflight(server.url)).headers.get('access-control-allow-origin')).toBe(server.url);
  });

  test('[P3] others may not', async () => {
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('with all origins', () => {
  beforeAll(async () => {
    server = await startTestServer({ FRIDAY_ALLOWED_ORIGINS: '*' });
  });
  afterAll(() => server.close());

  test.each(['https://any.example', 'null'])('[P3] %s may, but without credentials', async (origin) => {
    const { headers } = await preflight(origin);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});
