import { expect, test } from 'vitest';
import { START } from '../../../test/support/manual-clock.ts';
import { event } from '../../../test/support/test-log.ts';
import { type Peer, principalOf, startService, type TestService } from '../../../test/support/test-service.ts';
import { tokenOf } from '../../../test/support/tokens.ts';
import { RealtimeError } from '../../domain/errors.ts';

/** Has the peer send frames, and takes what comes back. */
async function send({ service, settle }: TestService, { connection, transport }: Peer, ...frames: unknown[]) {
  const before = transport.messages.length;
  for (const frame of frames) service.onText(connection, typeof frame === 'string' ? frame : JSON.stringify(frame));
  await settle();
  return transport.messages.slice(before);
}

const AUTHENTICATE = { type: 'authenticate', token: tokenOf('ann') };

test('[P2][P13] the first frame authenticates; its ref comes back in connected', async () => {
  const host = startService();
  const peer = host.connectBare();
  const answers = await send(host, peer, { ...AUTHENTICATE, ref: 'first' });
  expect(answers).toMatchObject([{ type: 'connected', user_id: 'ann', resumed: false, ref: 'first' }, { type: 'live' }]);
});

test('[P7] the position of the frame wins over that of the URL, which serves where the frame has none', async () => {
  const host = startService();
  await host.database.commit('user:ann', event(1), event(2));
  const at = async (seq: number) => `user.${seq}.${(await host.database.log.locate('user:ann', seq)).tag}`;
  const fromUrl = await send(host, host.connectBare(await at(0)), AUTHENTICATE);
  expect(fromUrl.map(({ seq }) => seq)).toEqual([undefined, 1, 2, undefined]);
  const fromFrame = await send(host, host.connectBare(await at(0)), { ...AUTHENTICATE, cursor: await at(1) });
  expect(fromFrame.map(({ seq }) => seq)).toEqual([undefined, 2, undefined]);
});

test.each([
  ['no JSON', 'hello', 4000, 'protocol_error'],
  ['no object', '[1]', 4000, 'protocol_error'],
  ['another type', { type: 'ping' }, 4001, 'unauthenticated'],
  ['an unknown type', { type: 'subscribe' }, 4001, 'unauthenticated'],
  ['no token', { type: 'authenticate' }, 4001, 'unauthenticated'],
  ['a bad token', { type: 'authenticate', token: 'x' }, 4001, 'unauthenticated'],
  ['a token that has ended', { type: 'authenticate', token: tokenOf('ann', { expiresAt: START }) }, 4001, 'token_expired'],
  ['a token that was revoked', { type: 'authenticate', token: tokenOf('ann', { revoked: true }) }, 4003, 'revoked'],
])('[P5] a first frame that is %s closes the connection', async (_what, frame, code, reason) => {
  const host = startService();
  const peer = host.connectBare();
  const answers = await send(host, peer, frame);
  expect(answers).toMatchObject([{ type: 'error', code: reason, retryable: false }]);
  expect(peer.transport.closed).toEqual({ code, reason });
});

test('[P5] a second frame before the answer closes the connection, and the first is not answered any more', async () => {
  const host = startService();
  const peer = host.connectBare();
  const answers = await send(host, peer, AUTHENTICATE, { type: 'ping' });
  expect(answers).toMatchObject([{ type: 'error', code: 'protocol_error' }]);
  expect(peer.transport.closed).toEqual({ code: 4000, reason: 'protocol_error' });
});

test('[P13] ping is answered by pong, with its ref where it has one', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  expect(await send(host, ann, { type: 'ping' }, { type: 'ping', ref: 'x'.repeat(64) })).toEqual([
    { type: 'pong' },
    { type: 'pong', ref: 'x'.repeat(64) },
  ]);
});

test.each([
  ['an unknown type', { type: 'subscribe', ref: 'r' }, '/type', 'r'],
  ['no type', { ref: 'r' }, '/type', 'r'],
  ['a bad field', { type: 'authenticate', token: 7, ref: 'r' }, '/token', 'r'],
  ['an empty token', { type: 'authenticate', token: '', ref: 'r' }, '/token', 'r'],
  ['a ref that is too long', { type: 'ping', ref: 'x'.repeat(65) }, '/ref', undefined],
  ['a ref that is no text', { type: 'ping', ref: 7 }, '/ref', undefined],
])('[P13] %s is answered with the field that is wrong, and the connection stays', async (_what, frame, field, ref) => {
  const host = startService();
  const ann = await host.connect('ann');
  const [answer, ...others] = await send(host, ann, frame);
  expect(answer).toMatchObject({ type: 'error', code: 'invalid_message', retryable: false, details: [{ field }] });
  expect(answer?.['ref']).toBe(ref);
  expect(others).toEqual([]);
  expect(await send(host, ann, { type: 'ping' })).toEqual([{ type: 'pong' }]);
});

test('[P13] the tenth faulty frame within a minute closes with 4000', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  const nine = await send(host, ann, ...Array(9).fill({ type: 'subscribe' }));
  expect(nine.map(({ code }) => code)).toEqual(Array(9).fill('invalid_message'));
  expect(await send(host, ann, { type: 'subscribe' })).toMatchObject([{ type: 'error', code: 'protocol_error' }]);
  expect(ann.transport.closed).toEqual({ code: 4000, reason: 'protocol_error' });
});

test('[P13] faulty frames of more than a minute ago do not count', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  await send(host, ann, ...Array(9).fill({ type: 'subscribe' }));
  host.clock.advance(60_000);
  expect(await send(host, ann, ...Array(9).fill({ type: 'subscribe' }))).toHaveLength(9);
  expect(ann.transport.closed).toBeUndefined();
});

test.each(['hello', '"text"', '[]', 'null', ''])('[P13] %j is no JSON object: the connection is closed at once', async (text) => {
  const host = startService();
  const ann = await host.connect('ann');
  expect(await send(host, ann, text)).toMatchObject([{ type: 'error', code: 'protocol_error' }]);
  expect(ann.transport.closed).toEqual({ code: 4000, reason: 'protocol_error' });
});

test('[P13] a binary frame closes the connection', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  host.service.onBinary(ann.connection);
  expect(ann.transport.closed).toEqual({ code: 4000, reason: 'protocol_error' });
});

test('[P19] a new token of the same user is taken, with its new end', async () => {
  const host = startService();
  const ann = await host.connect('ann', { expiresAt: START + 100_000 });
  const expiresAt = START + 900_000;
  const answers = await send(host, ann, { type: 'authenticate', token: tokenOf('ann', { expiresAt }), ref: 'again' });
  expect(answers).toEqual([{ type: 'authenticated', expires_at: new Date(expiresAt).toISOString(), ref: 'again' }]);
});

test.each([
  ["another user's", tokenOf('bob'), 4003, 'forbidden'],
  ['a bad', 'x', 4001, 'unauthenticated'],
  ['a revoked', tokenOf('ann', { revoked: true }), 4003, 'revoked'],
])('[P19] %s token closes the connection', async (_what, token, code, reason) => {
  const host = startService();
  const ann = await host.connect('ann');
  expect(await send(host, ann, { type: 'authenticate', token })).toMatchObject([{ type: 'error', code: reason }]);
  expect(ann.transport.closed).toEqual({ code, reason });
});

test('[P19] a new token that cannot be looked at now leaves the old one good, and may be sent again', async () => {
  const failing = { on: false };
  const host = startService({
    authenticator: {
      authenticate: (token) => {
        if (failing.on) throw new RealtimeError('server_error', 'The keys of the issuer cannot be had.');
        return principalOf(token);
      },
    },
  });
  const ann = await host.connect('ann');
  failing.on = true;
  const message = 'The keys of the issuer cannot be had.';
  const refused = { type: 'error', code: 'server_error', message, retryable: true, ref: 'new' };
  expect(await send(host, ann, { type: 'authenticate', token: 'ann', ref: 'new' })).toEqual([refused]);
  expect(ann.transport.closed).toBeUndefined();
  failing.on = false;
  expect(await send(host, ann, { type: 'authenticate', token: 'ann' })).toMatchObject([{ type: 'authenticated' }]);
});

test('[I5] answers that are not read are bounded: the connection is closed instead', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  ann.transport.writable = false;
  await send(host, ann, ...Array(32).fill({ type: 'ping' }));
  expect(ann.transport.closed).toBeUndefined();
  await send(host, ann, { type: 'ping' });
  expect(ann.transport.closed).toEqual({ code: 4103, reason: 'too_slow' });
});

test('[I5] of many pings that wait, the newest is answered', async () => {
  const host = startService({ settings: { framesPerConnectionPerMinute: 0 } });
  const ann = await host.connect('ann');
  ann.transport.writable = false;
  for (let number = 1; number <= 1_000; number++) host.service.onPing(ann.connection, Buffer.from(`${number}`));
  ann.transport.writable = true;
  host.service.onDrain(ann.connection);
  await host.settle();
  const pongs = ann.transport.frames.filter(({ opcode }) => opcode === 10);
  expect(pongs.map(({ payload }) => payload.toString())).toEqual(['1000']);
});

test('frames that come after the end are ignored, and their tokens not looked at', async () => {
  let asked = 0;
  const host = startService({
    authenticator: {
      authenticate: () => {
        asked++;
        return { userId: 'ann', channels: ['user:ann'], expiresAt: START + 60_000 };
      },
    },
  });
  const ann = await host.connect('ann');
  host.service.onBinary(ann.connection);
  expect(await send(host, ann, { type: 'ping' }, AUTHENTICATE, 'garbage')).toEqual([]);
  expect(asked).toBe(0);
});

test('a connection that ends while its token is looked at leaves nothing behind', async () => {
  const host = startService();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = host.connectBare();
  const second = await host.connect('ann');
  host.log.gate = promise;
  host.service.onText(first.connection, JSON.stringify(AUTHENTICATE));
  host.service.onText(second.connection, JSON.stringify(AUTHENTICATE));
  await host.settle();
  host.service.onClose(first.connection, 1006);
  host.service.onClose(second.connection, 1006);
  resolve();
  await host.settle();
  expect(first.transport.messages).toEqual([]);
  expect(host.service.disconnect('ann', 'revoked')).toBe(0);
});

test('a check that breaks down is a fault of the server: logged, and the client comes back', async () => {
  let failure: Error = new Error('the key store is away');
  const host = startService({
    authenticator: {
      authenticate: () => {
        throw failure;
      },
    },
  });
  const first = host.connectBare();
  expect(await send(host, first, AUTHENTICATE)).toMatchObject([{ type: 'reconnect' }]);
  expect(first.transport.closed).toEqual({ code: 4201, reason: 'server_error' });
  expect(host.logger.of('connection failed')).toMatchObject([{ level: 'error', fields: { err: failure } }]);
  failure = new RealtimeError('rate_limited', undefined, { retryAfterMs: 3_000 });
  const second = host.connectBare();
  const [reconnect] = await send(host, second, AUTHENTICATE);
  expect(reconnect?.['after_ms']).toBeGreaterThanOrEqual(3_000);
  expect(reconnect?.['after_ms']).toBeLessThanOrEqual(3_500);
  expect(second.transport.closed).toEqual({ code: 4102, reason: 'rate_limited' });
});
