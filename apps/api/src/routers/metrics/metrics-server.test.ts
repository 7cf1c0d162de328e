import { expect, onTestFinished, test } from 'vitest';
import { startMetricsServer } from './metrics-server.ts';

test('a scrape that fails is answered 500 and told, and the next one is served', async () => {
  const told: unknown[] = [];
  let broken = true;
  const scrape = async () => {
    if (broken) throw new Error('disk I/O error');
    return 'friday_up 1\n';
  };
  const server = await startMetricsServer({
    source: { scrape },
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    onError: (error) => told.push(error),
  });
  onTestFinished(() => server.close());
  const failed = await fetch(server.url);
  expect([failed.status, await failed.text()]).toEqual([500, '']);
  expect(told).toEqual([new Error('disk I/O error')]);
  broken = false;
  const served = await fetch(server.url);
  expect([served.status, await served.text()]).toEqual([200, 'friday_up 1\n']);
});
