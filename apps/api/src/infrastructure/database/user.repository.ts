import { createHash } from 'node:crypto';
import type { Transaction } from '@friday/realtime';
import type { CompiledQuery, Selectable } from 'kysely';
import type { UserRepository } from '../../domain/ports.ts';
import { foldUsername, type Identity, type User } from '../../domain/user.ts';
import { removeOwnedRows } from './owned-rows.ts';
import { type OwnedTable, ownedTables } from './owned-tables.ts';
import type { Database, Tables } from './sqlite-database.ts';

interface UserTable {
  readonly id: string;
  readonly username: string;
  readonly username_folded: string;
  readonly key_id: string;
  readonly secret_hash: string;
  readonly token_generation: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly tokens_revoked_at: number | null;
  readonly issuer: string | null;
  readonly subject: string | null;
  /** When the removal began. */
  readonly removed_at: number | null;
}

interface RemovedIdentityTable {
  readonly identity_hash: string;
  readonly removed_at: number;
}

/** Rows that one call changes or removes at most: a few milliseconds. */
const ROWS_A_SLICE = 1000;

/** Users in SQL. */
export class SqlUserRepository implements UserRepository<Transaction> {
  readonly #database: Database;
  readonly #tables: Tables<{ users: UserTable; removed_identities: RemovedIdentityTable }>;
  readonly #generation: CompiledQuery<{ token_generation: number }>;
  #owned: readonly OwnedTable[] | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#tables = database.tables();
    const generation = this.#tables().selectFrom('users').select('token_generation');
    this.#generation = generation.where('id', '=', '').where('removed_at', 'is', null).compile();
  }

  async insert(tx: Transaction, user: User): Promise<boolean> {
    const result = await this.#tables(tx)
      .insertInto('users')
      .values(toRow(user))
      .onConflict((conflict) => conflict.column('username_folded').doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  }

  async find(id: string, tx?: Transaction): Promise<User | undefined> {
    const row = await this.#present(tx).where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  async generationOf(id: string): Promise<number | undefined> {
    return (await this.#database.read(this.#generation, [id]))[0]?.token_generation;
  }

  async findByKey(keyId: string): Promise<User | undefined> {
    const row = await this.#present().where('key_id', '=', keyId).executeTakeFirst();
    return row && fromRow(row);
  }

  async findByIdentity({ issuer, subject }: Identity, tx?: Transaction): Promise<User | undefined> {
    const row = await this.#present(tx).where('issuer', '=', issuer).where('subject', '=', subject).executeTakeFirst();
    return row && fromRow(row);
  }

  async update(tx: Transaction, user: User): Promise<void> {
    const { key_id, secret_hash, token_generation, tokens_revoked_at, updated_at } = toRow(user);
    const changes = { key_id, secret_hash, token_generation, tokens_revoked_at, updated_at };
    await this.#tables(tx).updateTable('users').set(changes).where('id', '=', user.id).execute();
  }

  async beginRemoval(tx: Transaction, { id, identity }: User, now: number): Promise<void> {
    // Whoever comes back under that identity is somebody new, from now on.
    const changes = { removed_at: now, issuer: null, subject: null };
    await this.#tables(tx).updateTable('users').set(changes).where('id', '=', id).execute();
    if (identity === undefined) return;
    await this.#tables(tx)
      .insertInto('removed_identities')
      .values({ identity_hash: hash(identity), removed_at: now })
      .onConflict((conflict) => conflict.column('identity_hash').doUpdateSet({ removed_at: now }))
      .execute();
  }

  async underRemoval(tx?: Transaction): Promise<readonly string[]> {
    const rows = await this.#tables(tx).selectFrom('users').select('id').where('removed_at', 'is not', null).execute();
    return rows.map(({ id }) => id);
  }

  async removeRows(tx: Transaction, userId: string): Promise<boolean> {
    this.#owned ??= await ownedTables(this.#database.tables<unknown>()(), 'users');
    const database = this.#database.tables<unknown>()(tx);
    return removeOwnedRows(database, { tables: this.#owned, owner: userId, limit: ROWS_A_SLICE });
  }

  async remove(tx: Transaction, userId: string): Promise<void> {
    await this.#tables(tx).deleteFrom('users').where('id', '=', userId).where('removed_at', 'is not', null).execute();
  }

  async removedAt(identity: Identity, tx?: Transaction): Promise<number | undefined> {
    const query = this.#tables(tx).selectFrom('removed_identities').select('removed_at');
    return (await query.where('identity_hash', '=', hash(identity)).executeTakeFirst())?.removed_at;
  }

  #present(tx?: Transaction) {
    return this.#tables(tx).selectFrom('users').selectAll().where('removed_at', 'is', null);
  }
}

function hash({ issuer, subject }: Identity): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
}

function toRow(user: User): Omit<UserTable, 'removed_at'> {
  return {
    id: user.id,
    username: user.username,
    username_folded: foldUsername(user.username),
    key_id: user.keyId,
    secret_hash: user.secretHash,
    token_generation: user.tokenGeneration,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    tokens_revoked_at: user.tokensRevokedAt ?? null,
    issuer: user.identity?.issuer ?? null,
    subject: user.identity?.subject ?? null,
  };
}

function fromRow(row: Selectable<UserTable>): User {
  const { issuer, subject, tokens_revoked_at: tokensRevokedAt } = row;
  return {
    id: row.id,
    username: row.username,
    keyId: row.key_id,
    secretHash: row.secret_hash,
    tokenGeneration: row.token_generation,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(tokensRevokedAt !== null && { tokensRevokedAt }),
    ...(issuer !== null && subject !== null && { identity: { issuer, subject } }),
  };
}
