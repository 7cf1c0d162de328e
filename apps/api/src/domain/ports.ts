/**
 * What the services need of the world. A resource's own repository port stands beside its rules. `Tx` is a transaction, whatever the
 * infrastructure makes of one: the domain only hands it on.
 */
import type { ForeignClaims, Identity, User } from './user.ts';

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

/** Users. Reads without a transaction see what is committed. A user whose removal has begun is not found any more. */
export interface UserRepository<Tx> {
  /** @returns false, and writes nothing, when the name is taken in any case of letters. */
  insert(tx: Tx, user: User): Promise<boolean>;
  find(id: string, tx?: Tx): Promise<User | undefined>;
  /** The generation whose tokens are good; undefined when the user is not there. Asked at every request. */
  generationOf(id: string): Promise<number | undefined>;
  findByKey(keyId: string): Promise<User | undefined>;
  findByIdentity(identity: Identity, tx?: Tx): Promise<User | undefined>;
  /** Writes key, secret and revocations of a user that is there. */
  update(tx: Tx, user: User): Promise<void>;
  /** Begins the removal of a user; of another issuer's it keeps a mark, for {@link removedAt}. The name stays taken until the end. */
  beginRemoval(tx: Tx, user: User, now: number): Promise<void>;
  /** The ids of the users whose removal has begun and not ended. */
  underRemoval(tx?: Tx): Promise<readonly string[]>;
  /** Changes or removes up to a thousand rows that resources keep of a user. @returns whether there were any. */
  removeRows(tx: Tx, userId: string): Promise<boolean>;
  /** Ends the removal of a user of whom no rows are left. */
  remove(tx: Tx, userId: string): Promise<void>;
  /** When the user of that identity was last removed. Of who that was, nothing can be told. */
  removedAt(identity: Identity, tx?: Tx): Promise<number | undefined>;
}

/** What was announced to users. */
export interface NotificationHistory<Tx> {
  /** Removes what was announced to one user, a thousand at most. @returns whether there is more. */
  forget(tx: Tx, userId: string): Promise<boolean>;
  /** The ids of users who are not there, yet have something kept that was announced to them. */
  orphans(): Promise<readonly string[]>;
}

/** Knows users by what another issuer's tokens say of them. */
export interface IdentityDirectory {
  /**
   * The user whom a token names, made at first sight where registration is open.
   * @returns why there is none, otherwise: `revoked` when the token is older than a revocation, `unknown`.
   */
  userOf(claims: ForeignClaims): Promise<User | 'revoked' | 'unknown'>;
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
