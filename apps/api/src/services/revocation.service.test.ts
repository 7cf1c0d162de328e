import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketMessage } from '@friday/realtime';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Core, composeCore } from '../composition.ts';
import { readConfig } from '../config.ts';
import { openStorage, type Storage } from '../infrastructure/database/storage.ts';
import { allMigrations } from '../migrations.ts';

let folder: string;
let storage: Storage;
let core: Core;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
  storage = openStorage(join(folder, 'friday.db'), allMigrations());
  core = composeCore({ config: readConfig({}), logger: pino({ level: 'silent' }), storage, secret: Buffer.alloc(32, 1) });
});
afterEach(async () => {
  await core.unitOfWork.settled();
  await core.realtime.close(0);
  storage.close();
  rmSync(folder, { recursive: true });
});

const channels = () => storage.reader.all<{ key: string }>('SELECT key FROM realtime_channel ORDER BY key').map(({ key }) => key);

test('what was announced to a user in the same commit as the removal goes with the user', async () => {
  const { user } = await core.userService.add('anna');
  const message = new WebSocketMessage({ type: 'shop.order_shipped', data: { order: 7 } });
  await Promise.all([
    core.unitOfWork.run(async (tx) => core.realtime.service.notify(tx, user.id, message)),
    core.removals.remove(user.id),
  ]);
  expect(channels()).toEqual(['revocation']);
});

test('[P20] each revocation raises the generation by one and is announced with the first that is good', async () => {
  const { user } = await core.userService.add('anna');
  await core.revocations.logoutEverywhere(user.id);
  const { user: rotated } = await core.revocations.rotateKey(user.id);
  expect(rotated.tokenGeneration).toBe(2);
  expect(rotated.keyId).not.toBe(user.keyId);
  await core.removals.remove(user.id);
  const contents = storage.reader.all<{ content: string }>('SELECT content FROM realtime_log ORDER BY seq');
  expect(contents.map(({ content }) => JSON.parse(content).data.generation)).toEqual([1, 2, Number.MAX_SAFE_INTEGER]);
});

test('nobody is revoked who is not there', async () => {
  const { revocations, removals } = core;
  for (const end of [revocations.logoutEverywhere('nobody'), revocations.rotateKey('nobody'), removals.remove('nobody')]) {
    await expect(end).rejects.toMatchObject({ code: 'user_not_found' });
  }
  expect(channels()).toEqual([]);
});
