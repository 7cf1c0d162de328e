/** What clients send and what keeps a link alive, over real sockets: rules P13, P16 and P19. */
import { LIMITS } from '@friday/protocol';
import { expect, test } from 'vitest';
import { type Client, connect, connectLive } from './support/client.ts';
import { BINARY, CLOSE, clientFrame, PING, PONG, readFrames, TEXT } from './support/frames.ts';
import { ManualClock, START } from './support/manual-clock.ts';
import { connectRaw } from './support/raw-client.ts';
import { startHost } from './support/test-host.ts';
import { event } from './support/test-log.ts';
import { tokenOf } from './support/tokens.ts';
import { until } from './support/until.ts';

const ANN = { token: tokenOf('ann') };

/** A ping whose frame has so many bytes of payload. */
function pingOf(bytes: number): string {
  const bare = JSON.stringify({ type: 'ping', fill: '' });
  return JSON.stringify({ type: 'ping', fill: 'x'.repeat(bytes - bare.length) });
}

async function expectClose(client: Client, code: number): Promise<void> {
  expect((await client.closed).code).toBe(code);
}

test('[P13] a frame of 16 KiB is read; one byte more closes with 1009', async () => {
  const host = await startHost();
  const client = await connectLive(host, ANN);
  client.send(pingOf(LIMITS.clientFrameBytes));
  await client.expect('pong');
  client.send(pingOf(LIMITS.clientFrameBytes + 1));
  await expectClose(client, 1009);
});

test('[P13] a message in fragments is one message, and its limit is that of one', async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN.token);
  client.socket.write(Buffer.concat([clientFrame(TEXT, '{"type":', { fin: false }), clientFrame(0, '"ping"}')]));
  await until('the pong', () => client.messages.at(-1)?.['type'] === 'pong');
  const half = 'x'.repeat(LIMITS.clientFrameBytes / 2 + 1);
  client.socket.write(Buffer.concat([clientFrame(TEXT, half, { fin: false }), clientFrame(0, half)]));
  expect(await client.closeCode()).toBe(1009);
});

test('[P13] fragments without end are bounded', async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN.token);
  client.socket.write(clientFrame(TEXT, 'x', { fin: false }));
  for (let sent = 0; sent < 100; sent++) client.socket.write(clientFrame(0, 'x'.repeat(1_000), { fin: false }));
  expect(await client.closeCode()).toBe(1009);
});

test('[P13] a binary frame closes with 4000, and so does a text that is no JSON object', async () => {
  const host = await startHost();
  for (const [opcode, payload] of [
    [BINARY, '{"type":"ping"}'],
    [TEXT, 'hello'],
    [TEXT, '[]'],
  ] as const) {
    const client = await connectRaw(host, ANN.token);
    client.socket.write(clientFrame(opcode, payload));
    expect(await client.closeCode()).toBe(4000);
    expect(client.messages.at(-1)).toMatchObject({ type: 'error', code: 'protocol_error' });
  }
});

test.each([
  ['compressed', clientFrame(TEXT, '{"type":"ping"}', { rsv1: true }), 1002],
  ['not masked', Buffer.from([0x81, 2, 0x7b, 0x7d]), 1002],
  ['of an unknown opcode', clientFrame(0x3, 'x'), 1002],
  ['no UTF-8', clientFrame(TEXT, Buffer.from([0x22, 0xff, 0x22])), 1007],
  ['a ping that is too long', clientFrame(PING, 'x'.repeat(126)), 1002],
])('[P1] a frame that is %s closes as RFC 6455 says', async (_what, bytes, code) => {
  const client = await connectRaw(await startHost(), ANN.token);
  client.socket.write(bytes);
  expect(await client.closeCode()).toBe(code);
});

test('[P13] faults are answered with their ref, the tenth closes', async () => {
  const client = await connectLive(await startHost(), ANN);
  for (let fault = 1; fault <= 9; fault++) {
    client.send({ type: 'subscribe', ref: `${fault}` });
    expect(await client.expect('error')).toMatchObject({
      code: 'invalid_message',
      ref: `${fault}`,
      details: [{ field: '/type' }],
    });
  }
  client.send({ type: 'subscribe' });
  expect(await client.expect('error')).toMatchObject({ code: 'protocol_error' });
  await expectClose(client, 4000);
});

test('pings of WebSocket are answered once, with their payload', async () => {
  const client = await connectRaw(await startHost(), ANN.token);
  client.socket.write(clientFrame(PING, 'are you there'));
  client.send({ type: 'ping' });
  await until('the pong of the message', () => client.messages.at(-1)?.['type'] === 'pong');
  const pongs = client.frames.filter(({ opcode }) => opcode === PONG);
  expect(pongs.map(({ payload }) => payload.toString())).toEqual(['are you there']);
});

test('[P16] heartbeat and ping arrive in one read', async () => {
  const clock = new ManualClock(setImmediate);
  const client = await connectRaw(await startHost({ clock }), ANN.token);
  await until('live', () => client.messages.length === 2);
  const before = client.reads.length;
  clock.advance(25_000);
  await until('the heartbeat', () => client.messages.length === 3);
  expect(client.reads).toHaveLength(before + 1);
  const { frames } = readFrames(client.reads.at(-1) ?? Buffer.alloc(0));
  expect(frames.map(({ opcode }) => opcode)).toEqual([TEXT, PING]);
  const [connected, live, heartbeat] = client.messages;
  expect(heartbeat).toEqual({ type: 'heartbeat', cursor: live?.['cursor'], server_time: new Date(START + 25_000).toISOString() });
  expect(connected?.['heartbeat_seconds']).toBe(25);
});

test("[P16] a heartbeat's cursor is the position as sent", async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock, settings: { heartbeatSeconds: 10 } });
  const client = await connectLive(host, ANN);
  await host.notify('ann', event(1));
  const [notification] = await client.notifications(1);
  clock.advance(10_250);
  const { cursor } = await client.expect('heartbeat');
  expect(cursor.split('~')[0]).toBe(notification?.cursor);
});

test('[P19] token_expiring, a new token, delivery goes on; without another one the end comes with 4001', async () => {
  const clock = new ManualClock(setImmediate);
  const host = await startHost({ clock, settings: { heartbeatSeconds: 3_600 } });
  const client = await connect(host, { token: tokenOf('ann', { expiresAt: START + 120_000 }) });
  expect(await client.expect('connected')).toMatchObject({ expires_at: new Date(START + 120_000).toISOString() });
  await client.expect('live');
  clock.advance(60_000);
  expect(await client.expect('token_expiring')).toMatchObject({ expires_at: new Date(START + 120_000).toISOString() });
  const expiresAt = START + 300_000;
  client.send({ type: 'authenticate', token: tokenOf('ann', { expiresAt }), ref: 'new' });
  expect(await client.expect('authenticated')).toEqual({
    type: 'authenticated',
    expires_at: new Date(expiresAt).toISOString(),
    ref: 'new',
  });
  clock.advance(100_000);
  await host.notify('ann', event(1));
  await client.notifications(1);
  clock.advance(140_000);
  await client.expect('token_expiring');
  expect(await client.expect('error')).toMatchObject({ code: 'token_expired' });
  await expectClose(client, 4001);
});

test("[P19] another user's token closes with 4003", async () => {
  const client = await connectLive(await startHost(), ANN);
  client.send({ type: 'authenticate', token: tokenOf('bob') });
  expect(await client.expect('error')).toMatchObject({ code: 'forbidden' });
  await expectClose(client, 4003);
});

test("the client's close is answered with its code, and logged as the peer's", async () => {
  const host = await startHost();
  const client = await connectRaw(host, ANN.token);
  client.socket.write(clientFrame(CLOSE, Buffer.from([0x03, 0xe8])));
  expect(await client.closeCode()).toBe(1000);
  client.socket.end();
  await until('the end of the socket', () => host.sockets.size === 0);
  expect(host.logger.of('connection closed')).toMatchObject([{ fields: { user_id: 'ann', code: 1000, reason: 'peer' } }]);
});

test('a link that breaks is logged as 1006, whether it is reset or only ended', async () => {
  const host = await startHost();
  const [reset, ended] = [await connectRaw(host, ANN.token), await connectRaw(host, ANN.token)];
  reset.socket.resetAndDestroy();
  ended.socket.end();
  await until('both closes', () => host.logger.of('connection closed').length === 2);
  for (const { fields } of host.logger.of('connection closed')) expect(fields).toMatchObject({ code: 1006, reason: 'peer' });
});
