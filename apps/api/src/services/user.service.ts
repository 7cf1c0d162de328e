import { randomUUID } from 'node:crypto';
import type { Transaction } from '@friday/realtime';
import { FridayError } from '../domain/errors.ts';
import type { Clock, SecretKeeper, TokenIssuer, UnitOfWork, UserRepository } from '../domain/ports.ts';
import { checkUsername, type Registration, USER_ERRORS, type User } from '../domain/user.ts';

export interface UserServiceDeps {
  readonly users: UserRepository<Transaction>;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly secrets: SecretKeeper;
  readonly tokens: TokenIssuer;
  readonly clock: Clock;
  readonly registration: Registration;
}

/** A user with the secret, which is told only when it is made. */
export interface WithSecret {
  readonly user: User;
  readonly userSecret: string;
}

/** Users: registration, and the exchange of a secret for a token. Source: REST specification, section "Auth". */
export class UserService {
  readonly #deps: UserServiceDeps;

  constructor(deps: UserServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a user who asks for it.
   * @throws FridayError `registration_closed`, and those of {@link add}.
   */
  async register(username: string): Promise<WithSecret> {
    if (this.#deps.registration === 'closed') throw new FridayError(USER_ERRORS.registration_closed);
    return this.add(username);
  }

  /**
   * Makes a user, whether or not registration is open. The secret is known to nobody but the caller.
   * @throws FridayError one of the `username_…` codes.
   */
  async add(username: string): Promise<WithSecret> {
    checkUsername(username);
    const keyId = randomUUID();
    const { userSecret, secretHash } = this.#deps.secrets.make(keyId);
    const now = this.#deps.clock.now();
    const user: User = { id: randomUUID(), username, keyId, secretHash, tokenGeneration: 0, createdAt: now, updatedAt: now };
    await this.#deps.unitOfWork.run(async (tx) => {
      if (!(await this.#deps.users.insert(tx, user))) throw new FridayError(USER_ERRORS.username_taken);
    });
    return { user, userSecret };
  }

  /**
   * An access token for a user secret.
   * @throws FridayError `api_key_malformed`, `api_key_invalid`.
   */
  async exchange(userSecret: string): Promise<string> {
    const keyId = this.#deps.secrets.keyOf(userSecret);
    if (keyId === undefined) throw new FridayError(USER_ERRORS.api_key_malformed);
    const user = await this.#deps.users.findByKey(keyId);
    const known = this.#deps.secrets.matches(userSecret, user?.secretHash);
    if (!known || !user) throw new FridayError(USER_ERRORS.api_key_invalid);
    return this.#deps.tokens.issue(user);
  }

  /** @throws FridayError `user_not_found`. */
  async get(userId: string): Promise<User> {
    const user = await this.#deps.users.find(userId);
    if (!user) throw new FridayError(USER_ERRORS.user_not_found);
    return user;
  }
}
