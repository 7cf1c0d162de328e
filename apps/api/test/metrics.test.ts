/** `/metrics`: where it is, who may read it, and that it counts what happens. */
import { afterEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { openLive } from './support/live-socket.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const TOKEN = 'a-token-for-the-metrics';
let server: TestServer | undefined;

afterEach(() => server?.close());

/** The address that the log names. */
function metricsUrl({ log }: TestServer): string {
  return /"url":"([^"]+\/metrics)"/.exec(log())?.[1] ?? 'none';
}

async function scrape(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** The value of one series. */
function sample(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}

test('without a setting there are none', async () => {
  server = await startTestServer();
  expect((await server.request('GET', '/metrics')).status).toBe(404);
  expect(metricsUrl(server)).toBe('none');
});

test('a port of their own serves them to everybody who can reach it, and nothing else', async () => {
  server = await startTestServer({ FRIDAY_METRICS_PORT: '0' });
  const url = metricsUrl(server);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const answer = await fetch(`${url}?x=1`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toContain('friday_build_info{');
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  expect((await fetch(url.replace('/metrics', '/v1/notes'))).status).toBe(404);
  // The main port has none: a proxy in front would show them to the world.
  expect((await server.request('GET', '/metrics')).status).toBe(404);
});

test('a token opens the main port, and both ports ask for it', async () => {
  server = await startTestServer({ FRIDAY_METRICS_PORT: '0', FRIDAY_METRICS_TOKEN: TOKEN });
  for (const url of [metricsUrl(server), `${server.url}/metrics`]) {
    for (const authorization of [undefined, 'Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, 'Bearer wrong']) {
      const refused = await fetch(url, authorization === undefined ? {} : { headers: { authorization } });
      expect([authorization, refused.status, refused.headers.get('www-authenticate')]).toEqual([authorization, 401, 'Bearer']);
      expect(await refused.text()).not.toContain('friday_');
    }
    const answer = await fetch(url, { headers: { authorization: `bearer ${TOKEN}` } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('friday_connections{');
  }
  expect(server.log()).not.toContain(TOKEN);
});

test('a port that is taken ends the start with one line', async () => {
  server = await startTestServer({ FRIDAY_METRICS_PORT: '0' });
  const port = new URL(metricsUrl(server)).port;
  await expect(startTestServer({ FRIDAY_METRICS_PORT: port })).rejects.toThrow(/^listen EADDRINUSE[^\n]*$/);
});

test('what happens is counted', async () => {
  server = await startTestServer({ FRIDAY_METRICS_PORT: '0' });
  const url = metricsUrl(server);
  const ann = await server.register();
  const socket = await openLive(server.url, { token: ann.token, by: 'header' });
  await server.request('POST', '/v1/notes', { token: ann.token, body: { content: 'Hello' } });
  await socket.first(1);
  const missing = await server.request('GET', '/v1/notes/nowhere', { token: ann.token });
  await server.request('BREW', '/v1/notes', { token: ann.token }).catch(() => undefined);
  socket.send({ type: 'nonsense' });
  await socket.until('`error`', () => socket.frames.some(({ type }) => type === 'error'));
  const during = await scrape(url);
  expect(sample(during, 'friday_connections{state="live",transport="websocket"}')).toBe(1);
  expect(sample(during, 'friday_handshakes_total{outcome="accepted"}')).toBe(1);
  expect(sample(during, 'friday_openings_total{outcome="fresh"}')).toBe(1);
  expect(sample(during, 'friday_notifications_total{type="note.created"}')).toBe(1);
  expect(sample(during, 'friday_notifications_total{type="note.deleted"}')).toBe(0);
  expect(sample(during, 'friday_delivered_notifications_total')).toBe(1);
  expect(sample(during, 'friday_delivery_latency_seconds_count')).toBe(1);
  expect(sample(during, 'friday_sent_bytes_total')).toBeGreaterThan(100);
  expect(sample(during, 'friday_websocket_errors_total{code="invalid_message"}')).toBe(1);
  expect(sample(during, 'friday_http_request_duration_seconds_count{method="POST",route="/v1/notes",status="201"}')).toBe(1);
  expect(sample(during, `friday_http_errors_total{code="${missing.body.error?.code}"}`)).toBe(1);
  expect(sample(during, 'friday_commits_total{outcome="committed"}')).toBeGreaterThan(1);
  expect(sample(during, 'friday_commit_units_sum')).toBeGreaterThan(1);
  expect(sample(during, 'friday_log_rows')).toBe(1);
  expect(sample(during, 'friday_database_bytes{file="wal"}')).toBeGreaterThan(0);
  expect(sample(during, 'friday_database_read_seconds_count')).toBeGreaterThan(0);
  await socket.close();
  await eventually(
    'close in the figures',
    async () => sample(await scrape(url), 'friday_closes_total{code="1000",reason="peer"}') === 1,
  );
  expect(sample(await scrape(url), 'friday_connections{state="live",transport="websocket"}')).toBe(0);
});

test('no figure names a user, an address or a content', async () => {
  server = await startTestServer({ FRIDAY_METRICS_PORT: '0' });
  const ann = await server.register();
  const socket = await openLive(server.url, { token: ann.token });
  await server.request('POST', '/v1/notes', { token: ann.token, body: { content: 'Secret words' } });
  await server.request('GET', `/v1/notes/${ann.id}`, { token: ann.token });
  const text = await scrape(metricsUrl(server));
  for (const secret of [ann.id, ann.token, 'Secret', '127.0.0.1', socket.connected.connection_id]) {
    expect(text).not.toContain(secret);
  }
  await socket.close();
});
