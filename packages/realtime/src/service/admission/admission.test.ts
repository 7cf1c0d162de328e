import { expect, test } from 'vitest';
import { type Peer, startService, type TestService } from '../../../test/support/test-service.ts';
import { tokenOf } from '../../../test/support/tokens.ts';

function caller(addressKey = 'a', token?: string) {
  return { token, position: undefined, addressKey };
}

test('an address that connects too often is told when it may come again; others are not affected', async () => {
  const host = startService({ settings: { handshakesPerAddressPerMinute: 2 } });
  await host.service.check(caller());
  await host.service.enter(caller('a', tokenOf('ann')));
  const refused = { code: 'rate_limited', retryAfterMs: 30_000 };
  await expect(host.service.check(caller())).rejects.toMatchObject(refused);
  await expect(host.service.enter(caller())).rejects.toMatchObject(refused);
  await expect(host.service.check(caller('b'))).resolves.toBeUndefined();
  host.clock.advance(30_000);
  await expect(host.service.check(caller())).resolves.toBeUndefined();
});

test('handshakes beyond those that may be under way and wait are refused with over_capacity', async () => {
  const host = startService({ settings: { handshakesUnderway: 1, handshakesWaiting: 1 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  host.log.gate = promise;
  const entered = [1, 2].map((number) => host.service.enter(caller('a', tokenOf(`user-${number}`))));
  await expect(host.service.enter(caller('a', tokenOf('late')))).rejects.toMatchObject({ code: 'over_capacity' });
  resolve();
  await host.settle();
  const prepared = await Promise.all(entered);
  for (const one of prepared) if (one) host.service.abandon(one);
});

test('who waits for admission longer than it may is refused, also by close code', async () => {
  const host = startService({ settings: { handshakesUnderway: 1, admissionSeconds: 2 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  host.log.gate = promise;
  const first = host.service.enter(caller('a', tokenOf('ann')));
  const late = host.connectBare();
  host.service.onText(late.connection, JSON.stringify({ type: 'authenticate', token: tokenOf('bob') }));
  host.clock.advance(2_250);
  await host.settle();
  expect(late.transport.closed).toEqual({ code: 4100, reason: 'over_capacity' });
  const advice = late.transport.messages.at(-1);
  expect(advice).toMatchObject({ type: 'reconnect' });
  expect(Number(advice?.['after_ms'])).toBeGreaterThanOrEqual(1_000);
  resolve();
  const prepared = await first;
  if (prepared) host.service.abandon(prepared);
});

async function connected(framesPerConnectionPerMinute: number): Promise<{ host: TestService; ann: Peer }> {
  const host = startService({ settings: { framesPerConnectionPerMinute } });
  return { host, ann: await host.connect('ann') };
}

test('frames of every kind count against the rate; the first too many closes with 4102', async () => {
  const { host, ann } = await connected(3);
  host.service.onText(ann.connection, '{"type":"ping"}');
  host.service.onPing(ann.connection, Buffer.from(''));
  host.service.onText(ann.connection, '{"type":"ping"}');
  await host.settle();
  expect(ann.transport.closed).toBeUndefined();
  host.service.onPing(ann.connection, Buffer.from(''));
  expect(ann.transport.closed).toEqual({ code: 4102, reason: 'rate_limited' });
  host.service.onText(ann.connection, '{"type":"ping"}');
});

test('a rate of 0 sets no limit', async () => {
  const { host, ann } = await connected(0);
  for (let number = 0; number < 1_000; number++) host.service.onPing(ann.connection, Buffer.from(''));
  await host.settle();
  expect(ann.transport.closed).toBeUndefined();
});

test('[P21] a drain refuses newcomers and asks those who are there to go, spread over its window', async () => {
  const host = startService({ settings: { drainSeconds: 5 } });
  const peers: Peer[] = [];
  for (let user = 0; user < 10; user++) peers.push(await host.connect(`user-${user}`));
  const gone = () => peers.filter(({ transport }) => transport.closed?.code === 4200).length;
  const drained = host.service.drain();
  await expect(host.service.enter(caller())).rejects.toMatchObject({ code: 'server_draining', retryAfterMs: 1_000 });
  host.clock.advance(2_500);
  expect(gone()).toBe(6);
  host.clock.advance(2_500);
  await drained;
  expect(gone()).toBe(10);
  expect(peers.every(({ transport }) => transport.types.at(-1) === 'reconnect')).toBe(true);
});

test('[P21] without connections a drain is over at once', async () => {
  await startService().service.drain();
});
