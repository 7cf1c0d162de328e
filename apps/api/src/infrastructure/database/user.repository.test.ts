import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transaction } from '@friday/realtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { User } from '../../domain/user.ts';
import { allMigrations } from '../../migrations.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { openStorage, type Storage } from './storage.ts';
import { SqlUserRepository } from './user.repository.ts';

const USER: User = {
  id: 'user-id',
  username: 'Anna',
  keyId: 'key-id',
  secretHash: 'hash',
  tokenGeneration: 0,
  createdAt: 1,
  updatedAt: 2,
};
const IDENTITY = { issuer: 'https://issuer.example', subject: 'Anna' };
let folder: string;
let storage: Storage;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-'));
});
afterEach(() => {
  storage.close();
  rmSync(folder, { recursive: true });
});

function open(before?: number) {
  const migrations = allMigrations().filter(({ id }) => before === undefined || id < before);
  storage = openStorage(join(folder, 'friday.db'), migrations);
  const database = new SqliteDatabase(storage.writer, storage.reader);
  const write = <T>(work: (tx: Transaction) => Promise<T>) => database.during({ notifications: [] }, work);
  return { users: new SqlUserRepository(database), write };
}

test('a user from before there were other issuers is as good as ever', async () => {
  open(6);
  storage.writer.run("INSERT INTO users VALUES ('user-id', 'Anna', 'anna', 'key-id', 'hash', 0, 1, 2)");
  storage.close();
  const { users } = open();
  expect(await users.find('user-id')).toEqual(USER);
  expect(await users.findByKey('key-id')).toEqual(USER);
});

test('identities are compared to the letter', async () => {
  const { users, write } = open();
  await write((tx) => users.insert(tx, { ...USER, identity: IDENTITY }));
  expect(await users.findByIdentity(IDENTITY)).toEqual({ ...USER, identity: IDENTITY });
  expect(await users.findByIdentity({ ...IDENTITY, subject: 'anna' })).toBeUndefined();
  expect(await users.findByIdentity({ ...IDENTITY, issuer: 'https://other.example' })).toBeUndefined();
});

test('a name that is taken is not given twice, and nothing is written', async () => {
  const { users, write } = open();
  expect(await write((tx) => users.insert(tx, USER))).toBe(true);
  const namesake = { ...USER, id: 'other', keyId: 'other', username: 'ANNA' };
  expect(await write((tx) => users.insert(tx, namesake))).toBe(false);
  expect(await users.find('other')).toBeUndefined();
});

test('what an update may change is changed', async () => {
  const { users, write } = open();
  await write((tx) => users.insert(tx, USER));
  const changed = { ...USER, keyId: 'new', secretHash: 'new', tokenGeneration: 7, tokensRevokedAt: 9, updatedAt: 8 };
  await write((tx) => users.update(tx, changed));
  expect(await users.find('user-id')).toEqual(changed);
});

test('when an identity was last removed is kept, who it was is not', async () => {
  const { users, write } = open();
  for (const now of [5, 6]) {
    await write((tx) => users.insert(tx, { ...USER, identity: IDENTITY }));
    await write((tx) => users.beginRemoval(tx, { ...USER, identity: IDENTITY }, now));
    expect(await users.findByIdentity(IDENTITY)).toBeUndefined();
    await write((tx) => users.remove(tx, USER.id));
    expect(await users.removedAt(IDENTITY)).toBe(now);
  }
  expect(await users.find('user-id')).toBeUndefined();
  const rows = storage.reader.all<{ identity_hash: string }>('SELECT * FROM removed_identities');
  expect(rows).toEqual([{ identity_hash: expect.stringMatching(/^[0-9a-f]{64}$/), removed_at: 6 }]);
});

test('a user whose removal has begun is found by nothing, and only such a user can be removed', async () => {
  const { users, write } = open();
  await write((tx) => users.insert(tx, USER));
  await write((tx) => users.remove(tx, USER.id));
  expect(await users.find(USER.id)).toEqual(USER);
  expect(await users.underRemoval()).toEqual([]);
  await write((tx) => users.beginRemoval(tx, USER, 5));
  expect([await users.find(USER.id), await users.findByKey(USER.keyId)]).toEqual([undefined, undefined]);
  expect(await users.underRemoval()).toEqual([USER.id]);
  expect(await write((tx) => users.insert(tx, { ...USER, id: 'other', keyId: 'other' }))).toBe(false);
});
