/**
 * What the services need of the world. A resource's own repository port stands beside its rules. `Tx` is a transaction, whatever the
 * infrastructure makes of one: the domain only hands it on.
 */
import type { User } from './user.ts';

/** Milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** Transactions. */
export interface UnitOfWork<Tx> {
  /**
   * Runs `work` in one transaction, which must await nothing but repositories.
   * @returns what `work` returned, once it is durable. Rejects with what it threw, or with `storage_unavailable`.
   */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Users. Reads without a transaction see what is committed. */
export interface UserRepository<Tx> {
  /** @returns false, and writes nothing, when the name is taken in any case of letters. */
  insert(tx: Tx, user: User): Promise<boolean>;
  find(id: string): Promise<User | undefined>;
  findByKey(keyId: string): Promise<User | undefined>;
}

/** Makes and checks user secrets. */
export interface SecretKeeper {
  /** A new secret for this key: the text for the user, and what is kept of it. */
  make(keyId: string): { userSecret: string; secretHash: string };
  /** The key that a secret names, or undefined where it has not the form of one. */
  keyOf(userSecret: string): string | undefined;
  /** Compares in constant time; an unknown key, without a hash, takes as long. */
  matches(userSecret: string, secretHash: string | undefined): boolean;
}

/** Makes access tokens. */
export interface TokenIssuer {
  issue(user: User): string;
}
