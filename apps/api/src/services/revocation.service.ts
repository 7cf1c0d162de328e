import { randomUUID } from 'node:crypto';
import type { Transaction, WebSocketManager } from '@friday/realtime';
import { FridayError } from '../domain/errors.ts';
import type { Clock, SecretKeeper, UnitOfWork, UserRepository } from '../domain/ports.ts';
import { revokeTokens, USER_ERRORS, type User } from '../domain/user.ts';
import type { WithSecret } from './user.service.ts';

export interface RevocationServiceDeps {
  readonly users: UserRepository<Transaction>;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly secrets: SecretKeeper;
  readonly notifications: WebSocketManager;
  readonly clock: Clock;
}

/** The ends of a user's tokens: each in one transaction with its announcement to all nodes, which close the user's connections (P20). */
export class RevocationService {
  readonly #deps: RevocationServiceDeps;

  constructor(deps: RevocationServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Makes all of the user's tokens void; the secret stays good for new ones.
   * @throws FridayError `user_not_found`.
   */
  async logoutEverywhere(userId: string): Promise<void> {
    await this.#deps.unitOfWork.run(async (tx) => {
      const user = revokeTokens(await this.#find(tx, userId), this.#deps.clock.now());
      await this.#revoke(tx, user);
    });
  }

  /**
   * Replaces the user's key and secret, and makes all tokens void.
   * @throws FridayError `user_not_found`, `no_user_secret` where another issuer vouches for the user.
   */
  async rotateKey(userId: string): Promise<WithSecret> {
    const keyId = randomUUID();
    const { userSecret, secretHash } = this.#deps.secrets.make(keyId);
    return this.#deps.unitOfWork.run(async (tx) => {
      const present = await this.#find(tx, userId);
      if (present.identity) throw new FridayError(USER_ERRORS.no_user_secret);
      const now = this.#deps.clock.now();
      const user = { ...revokeTokens(present, now), keyId, secretHash, updatedAt: now };
      await this.#revoke(tx, user);
      return { user, userSecret };
    });
  }

  async #revoke(tx: Transaction, user: User): Promise<void> {
    await this.#deps.users.update(tx, user);
    this.#deps.notifications.revoke(tx, user.id, user.tokenGeneration);
  }

  async #find(tx: Transaction, userId: string): Promise<User> {
    const user = await this.#deps.users.find(userId, tx);
    if (!user) throw new FridayError(USER_ERRORS.user_not_found);
    return user;
  }
}
