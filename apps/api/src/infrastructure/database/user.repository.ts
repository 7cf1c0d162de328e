import type { Transaction } from '@friday/realtime';
import type { Selectable } from 'kysely';
import type { UserRepository } from '../../domain/ports.ts';
import { foldUsername, type User } from '../../domain/user.ts';
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
}

/** Users in SQL. */
export class SqlUserRepository implements UserRepository<Transaction> {
  readonly #tables: Tables<{ users: UserTable }>;

  constructor(database: Database) {
    this.#tables = database.tables();
  }

  async insert(tx: Transaction, user: User): Promise<boolean> {
    const result = await this.#tables(tx)
      .insertInto('users')
      .values(toRow(user))
      .onConflict((conflict) => conflict.column('username_folded').doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  }

  async find(id: string): Promise<User | undefined> {
    const row = await this.#tables().selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  async findByKey(keyId: string): Promise<User | undefined> {
    const row = await this.#tables().selectFrom('users').selectAll().where('key_id', '=', keyId).executeTakeFirst();
    return row && fromRow(row);
  }
}

function toRow(user: User): UserTable {
  return {
    id: user.id,
    username: user.username,
    username_folded: foldUsername(user.username),
    key_id: user.keyId,
    secret_hash: user.secretHash,
    token_generation: user.tokenGeneration,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

function fromRow(row: Selectable<UserTable>): User {
  return {
    id: row.id,
    username: row.username,
    keyId: row.key_id,
    secretHash: row.secret_hash,
    tokenGeneration: row.token_generation,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
