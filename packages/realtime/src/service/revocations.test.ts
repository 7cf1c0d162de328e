import { expect, test } from 'vitest';
import { START } from '../../test/support/manual-clock.ts';
import { event } from '../../test/support/test-log.ts';
import { principalOf, startService, type TestService } from '../../test/support/test-service.ts';
import { tokenAuthenticator, tokenOf } from '../../test/support/tokens.ts';
import { REVOCATION_CHANNEL } from '../domain/channel.ts';
import type { Transaction } from '../domain/ports.ts';
import { revocationNotice } from './revocations.ts';

/** Follows revocations, as the first token that comes makes the service do. */
async function startFollowing(): Promise<TestService> {
  const host = startService();
  await host.service.check({ token: tokenOf('somebody'), position: undefined, addressKey: 'a' });
  return host;
}

/** Commits a revocation as another node does. @returns its number. */
async function revoke(host: TestService, userId: string, generation: number): Promise<number> {
  const [entry] = await host.database.commit(REVOCATION_CHANNEL, revocationNotice(userId, generation).message);
  return entry?.seq ?? 0;
}

function wake(host: TestService, seq: number): Promise<void> {
  host.broker.listener?.onWakeUp([{ channel: REVOCATION_CHANNEL, seq }]);
  return host.settle();
}

test('[P20] a revocation closes the connections of that user whose token is older, and no others', async () => {
  const host = await startFollowing();
  const older = await host.connect('ann');
  const bob = await host.connect('bob');
  const prepared = await host.service.prepare({ ...principalOf('ann'), generation: 1 }, undefined);
  const newer = host.service.connect(bob.transport, prepared);
  await wake(host, await revoke(host, 'ann', 1));
  expect(older.transport.closed).toEqual({ code: 4003, reason: 'revoked' });
  expect(bob.transport.closed).toBeUndefined();
  expect(newer.phase).toBe('open');
});

test('[P20][I4] a revocation whose wake-up was lost is found by the reconcile pass', async () => {
  const host = await startFollowing();
  const ann = await host.connect('ann');
  await revoke(host, 'ann', 1);
  host.clock.advance(5_000);
  await host.settle();
  expect(ann.transport.closed?.code).toBe(4003);
});

test('[P20] a token that was verified before the revocation and connects after it is refused', async () => {
  const host = await startFollowing();
  const prepared = await host.service.enter({ token: tokenOf('ann'), position: undefined, addressKey: 'a' });
  expect(() => host.service.checkRoom('a', prepared)).not.toThrow();
  await wake(host, await revoke(host, 'ann', 1));
  expect(() => host.service.checkRoom('a', prepared)).toThrow(expect.objectContaining({ code: 'revoked' }));
  host.clock.advance(6 * 60_000);
  expect(() => host.service.checkRoom('a', prepared)).not.toThrow();
});

test('[P20] one that authenticates by its first frame meanwhile is closed', async () => {
  const host = await startFollowing();
  const ann = host.connectBare();
  const { promise, resolve } = Promise.withResolvers<void>();
  await wake(host, await revoke(host, 'bob', 1));
  host.log.gate = promise;
  host.service.onText(ann.connection, JSON.stringify({ type: 'authenticate', token: tokenOf('ann') }));
  await wake(host, await revoke(host, 'ann', 1));
  host.log.gate = undefined;
  resolve();
  await host.settle();
  await host.settle();
  expect(ann.transport.closed).toEqual({ code: 4003, reason: 'revoked' });
});

test('[P20] a renewal that takes long to verify, and is revoked meanwhile, is refused though a newer one has come', async () => {
  let slow: Promise<void> | undefined;
  const tokens = tokenAuthenticator({ now: () => START });
  const authenticate = async (token: string) => {
    const principal = await tokens.authenticate(token);
    await slow;
    return principal;
  };
  const host = startService({ authenticator: { authenticate } });
  const ann = await host.connect('ann');
  const renew = (generation: number) => {
    const token = Buffer.from(JSON.stringify({ ...principalOf('ann'), generation })).toString('base64url');
    host.service.onText(ann.connection, JSON.stringify({ type: 'authenticate', token }));
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  slow = promise;
  renew(0);
  await host.settle();
  slow = undefined;
  renew(1);
  await host.settle();
  await wake(host, await revoke(host, 'ann', 1));
  expect(ann.transport.closed).toBeUndefined();
  resolve();
  await host.settle();
  expect(ann.transport.closed).toEqual({ code: 4003, reason: 'revoked' });
});

test('[P20] a read that fails is tried again until it succeeds', async () => {
  const host = await startFollowing();
  const ann = await host.connect('ann');
  const seq = await revoke(host, 'ann', 1);
  host.log.failure = new Error('disk I/O error');
  await wake(host, seq);
  expect(host.logger.of('revocations could not be read, will be tried again')).not.toHaveLength(0);
  expect(ann.transport.closed).toBeUndefined();
  host.log.failure = undefined;
  host.clock.advance(250);
  await host.settle();
  expect(ann.transport.closed?.code).toBe(4003);
});

test('[P20] a start that fails is tried again with the next token', async () => {
  const host = startService();
  const caller = { token: tokenOf('ann'), position: undefined, addressKey: 'a' };
  host.log.failure = new Error('disk I/O error');
  await expect(host.service.check(caller)).rejects.toThrow('disk I/O error');
  host.log.failure = undefined;
  await expect(host.service.check(caller)).resolves.toMatchObject({ userId: 'ann' });
});

test('[P20] where retention has removed revocations unread, all connections go and are verified anew', async () => {
  const host = await startFollowing();
  const ann = await host.connect('ann');
  await revoke(host, 'bob', 1);
  const seq = await revoke(host, 'bob', 2);
  host.database.writer.run('DELETE FROM realtime_log WHERE seq = 1');
  await wake(host, seq);
  expect(ann.transport.closed?.code).toBe(4201);
  const again = await host.connect('ann');
  await wake(host, await revoke(host, 'bob', 3));
  expect(again.transport.closed).toBeUndefined();
});

test.each(['{"type":"user.revoked"', 'null', '{"type":"user.revoked","data":{"user_id":7,"generation":1}}'])(
  '[P20] a revocation that cannot be read (%s) closes all, is told once, and does not hold up the next',
  async (json) => {
    const host = await startFollowing();
    const ann = await host.connect('ann');
    const seq = await revoke(host, 'bob', 1);
    host.database.writer.run('UPDATE realtime_log SET content = ? WHERE seq = ?', [json, seq]);
    await wake(host, seq);
    expect(ann.transport.closed?.code).toBe(4201);
    const again = await host.connect('ann');
    host.clock.advance(10_000);
    await host.settle();
    expect(again.transport.closed).toBeUndefined();
    expect(host.logger.of('a revocation is unreadable: all connections are closed')).toHaveLength(1);
    await wake(host, await revoke(host, 'ann', 1));
    expect(again.transport.closed?.code).toBe(4003);
  },
);

test('[P20] revoking is announced in the transaction, to the layer and not to clients', async () => {
  const host = await startFollowing();
  const tx: Transaction = { notifications: [] };
  host.service.revoke(tx, 'ann', 7);
  expect(tx.notifications.map(({ channel }) => channel)).toEqual([REVOCATION_CHANNEL]);
  const ann = await host.connect('ann');
  await host.database.commit('user:ann', event(1));
  await wake(host, await revoke(host, 'bob', 1));
  expect(JSON.stringify(ann.transport.messages)).not.toContain('revoked');
});
