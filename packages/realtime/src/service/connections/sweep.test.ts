import { expect, test } from 'vitest';
import { PING } from '../../../test/support/frames.ts';
import { ManualClock, START } from '../../../test/support/manual-clock.ts';
import { event } from '../../../test/support/test-log.ts';
import { type Peer, startService, type TestService } from '../../../test/support/test-service.ts';
import { tokenOf } from '../../../test/support/tokens.ts';
import { everySweep } from './sweep.ts';

const SECOND = 1_000;

function pings({ transport }: Peer): number {
  return transport.frames.filter(({ opcode }) => opcode === PING).length;
}

function pong({ service }: TestService, { transport, connection }: Peer): void {
  const ping = transport.frames.findLast(({ opcode }) => opcode === PING);
  if (ping) service.onPong(connection, ping.payload);
}

async function announce({ database, service }: TestService, channel: string, number: number, fill?: number): Promise<void> {
  service.committed(await database.commit(channel, event(number, fill)));
}

test('[P16] after heartbeat_seconds of silence a heartbeat and a ping go out, in one write', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  host.clock.advance(24.7 * SECOND);
  expect(ann.transport.types).toEqual(['connected', 'live']);
  host.clock.advance(0.5 * SECOND);
  expect(ann.transport.types).toEqual(['connected', 'live', 'heartbeat']);
  expect(ann.transport.bursts.at(-1)).toHaveLength(2);
  expect(pings(ann)).toBe(1);
  const [connected, , heartbeat] = ann.transport.messages;
  expect(heartbeat).toEqual({
    type: 'heartbeat',
    cursor: connected?.['cursor'],
    server_time: new Date(START + 25 * SECOND).toISOString(),
  });
});

test('[P16] what is sent meanwhile puts the heartbeat off, but a ping goes out once an interval', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  for (let number = 1; number <= 9; number++) {
    host.clock.advance(10 * SECOND);
    await announce(host, 'user:ann', number);
    await host.settle();
    pong(host, ann);
  }
  expect(ann.transport.types).not.toContain('heartbeat');
  expect(pings(ann)).toBe(3);
});

test('[P22] a peer that answers no ping for two intervals is closed with 4202', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  host.clock.advance(25.3 * SECOND);
  host.clock.advance(49 * SECOND);
  expect(ann.transport.closed).toBeUndefined();
  host.clock.advance(1 * SECOND);
  expect(ann.transport.types.at(-1)).toBe('reconnect');
  expect(ann.transport.closed).toEqual({ code: 4202, reason: 'heartbeat_timeout' });
});

test('[P22] a peer that answers its pings stays', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  for (let round = 0; round < 10; round++) {
    host.clock.advance(40 * SECOND);
    pong(host, ann);
  }
  expect(ann.transport.closed).toBeUndefined();
});

test('[P22] no pong for 60 s while notifications are outstanding closes with 4103', async () => {
  const host = startService({ settings: { windowBytes: 64 * 1024 } });
  const ann = await host.connect('ann');
  for (let number = 1; number <= 6; number++) await announce(host, 'user:ann', number, 16_000);
  await host.settle();
  expect(pings(ann)).toBe(1);
  host.clock.advance(59.5 * SECOND);
  expect(ann.transport.closed).toBeUndefined();
  host.clock.advance(0.5 * SECOND);
  expect(ann.transport.closed).toEqual({ code: 4103, reason: 'too_slow' });
});

test('[P22] a peer that takes nothing at all for 60 s is closed with 4103, without a last word', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  ann.transport.writable = false;
  await announce(host, 'user:ann', 1);
  await host.settle();
  const frames = ann.transport.frames.length;
  host.clock.advance(60.5 * SECOND);
  expect(ann.transport.closed).toEqual({ code: 4103, reason: 'too_slow' });
  expect(ann.transport.frames).toHaveLength(frames);
});

test('[P22] a peer that takes a little now and then is not too slow', async () => {
  const host = startService();
  const ann = await host.connect('ann');
  for (let number = 1; number <= 10; number++) {
    ann.transport.writable = true;
    ann.transport.room = 1;
    await announce(host, 'user:ann', number);
    host.service.onDrain(ann.connection);
    await host.settle();
    pong(host, ann);
    expect(ann.transport.writable).toBe(false);
    host.clock.advance(40 * SECOND);
  }
  expect(ann.transport.closed).toBeUndefined();
});

test('[P19] token_expiring comes 60 s before the end, once, and at the end the connection is closed with 4001', async () => {
  const host = startService({ settings: { heartbeatSeconds: 3_600 } });
  const ann = await host.connect('ann', { expiresAt: START + 600 * SECOND });
  host.clock.advance(539.7 * SECOND);
  expect(ann.transport.types).toEqual(['connected', 'live']);
  host.clock.advance(0.5 * SECOND);
  const expires_at = new Date(START + 600 * SECOND).toISOString();
  expect(ann.transport.messages.slice(2)).toEqual([{ type: 'token_expiring', expires_at }]);
  host.clock.advance(59.5 * SECOND);
  expect(ann.transport.closed).toBeUndefined();
  host.clock.advance(0.5 * SECOND);
  expect(ann.transport.types).toEqual(['connected', 'live', 'token_expiring', 'error']);
  expect(ann.transport.closed).toEqual({ code: 4001, reason: 'token_expired' });
});

test('[P19] a new token puts the end off, and is itself announced to end', async () => {
  const host = startService({ settings: { heartbeatSeconds: 3_600 } });
  const ann = await host.connect('ann', { expiresAt: START + 90 * SECOND });
  host.clock.advance(31 * SECOND);
  const token = tokenOf('ann', { expiresAt: START + 190 * SECOND });
  host.service.onText(ann.connection, JSON.stringify({ type: 'authenticate', token }));
  await host.settle();
  host.clock.advance(100 * SECOND);
  expect(ann.transport.types.slice(2)).toEqual(['token_expiring', 'authenticated', 'token_expiring']);
  host.clock.advance(60 * SECOND);
  expect(ann.transport.closed).toEqual({ code: 4001, reason: 'token_expired' });
});

test('[P2] the first frame must come within five seconds', () => {
  const host = startService();
  const peer = host.connectBare();
  host.clock.advance(5 * SECOND);
  expect(peer.transport.closed).toBeUndefined();
  host.clock.advance(0.3 * SECOND);
  expect(peer.transport.messages).toMatchObject([{ type: 'error', code: 'unauthenticated' }]);
  expect(peer.transport.closed).toEqual({ code: 4001, reason: 'unauthenticated' });
});

test("[P2] time in the server's own queue does not count", () => {
  const host = startService();
  const peer = host.connectBare();
  host.clock.stall(60 * SECOND);
  host.clock.advance(1 * SECOND);
  expect(peer.transport.closed).toBeUndefined();
});

test('[P2] nor does the time that the check of the token takes', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const host = startService({
    authenticator: {
      authenticate: async () => {
        await promise;
        return { userId: 'ann', channels: ['user:ann'], expiresAt: START + 3_600 * SECOND };
      },
    },
  });
  const peer = host.connectBare();
  host.service.onText(peer.connection, '{"type":"authenticate","token":"x"}');
  host.clock.advance(20 * SECOND);
  resolve();
  await host.settle();
  expect(peer.transport.types).toEqual(['connected', 'live']);
});

test('[P16] after a pause of the process what was answered meanwhile is read first, and the peer stays', () => {
  const ready: Array<() => void> = [];
  const clock = new ManualClock((run) => ready.push(run));
  let sweeps = 0;
  const end = everySweep(clock, () => {
    sweeps += 1;
  });
  clock.advance(10 * SECOND);
  expect([sweeps, ready.length]).toEqual([40, 0]);
  clock.stall(60 * SECOND);
  clock.advance(250);
  expect([sweeps, ready.length]).toEqual([40, 1]);
  for (const run of ready) run();
  clock.advance(250);
  expect([sweeps, ready.length]).toEqual([42, 1]);
  end();
  expect(clock.timers).toBe(0);
});
