import type { Transaction, WebSocketManager } from '@friday/realtime';
import { FridayError } from '../domain/errors.ts';
import type { Clock, NotificationHistory, UnitOfWork, UserRepository } from '../domain/ports.ts';
import { USER_ERRORS } from '../domain/user.ts';

export interface RemovalServiceDeps {
  readonly users: UserRepository<Transaction>;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly notifications: WebSocketManager;
  readonly history: NotificationHistory<Transaction>;
  readonly clock: Clock;
  /** Waits for a moment between two slices, so that another process that writes to the file comes in between. */
  readonly pause: () => Promise<unknown>;
}

/**
 * The removal of users: one transaction takes the user's access, then as many as it takes remove what is kept of the user, none of them
 * more than about a thousand rows, and the last of them the user. What a crash interrupts is finished at the next start.
 */
export class RemovalService {
  readonly #deps: RemovalServiceDeps;

  constructor(deps: RemovalServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Removes the user with everything that is theirs: tokens at once (P20), then resources and notifications. Also finishes a removal
   * that was interrupted.
   * @throws FridayError `user_not_found`.
   */
  async remove(userId: string): Promise<void> {
    const { users, notifications, unitOfWork, clock } = this.#deps;
    await unitOfWork.run(async (tx) => {
      const user = await users.find(userId, tx);
      if (user) {
        await users.beginRemoval(tx, user, clock.now());
        notifications.revoke(tx, userId, Number.MAX_SAFE_INTEGER);
      } else if (!(await users.underRemoval(tx)).includes(userId)) throw new FridayError(USER_ERRORS.user_not_found);
    });
    await this.#finish(userId);
  }

  /** Finishes what a crash interrupted: for the start, before there are requests. */
  async finishAll(): Promise<void> {
    for (const userId of await this.#deps.users.underRemoval()) await this.#finish(userId);
    for (const userId of await this.#deps.history.orphans()) await this.#forget(userId);
  }

  async #finish(userId: string): Promise<void> {
    await this.#slices((tx) => this.#removeSlice(tx, userId));
    // What units of the same commit had announced before the last one was numbered after it.
    await this.#forget(userId);
  }

  /** Writes whose token was checked before the removal began may add rows to tables that were empty: so each slice looks at them all. */
  async #removeSlice(tx: Transaction, userId: string): Promise<boolean> {
    const { users, history } = this.#deps;
    if ((await users.removeRows(tx, userId)) || (await history.forget(tx, userId))) return true;
    await users.remove(tx, userId);
    return false;
  }

  async #forget(userId: string): Promise<void> {
    await this.#slices((tx) => this.#deps.history.forget(tx, userId));
  }

  /** Runs it in one transaction after the other for as long as it says that there is more. */
  async #slices(slice: (tx: Transaction) => Promise<boolean>): Promise<void> {
    while (await this.#deps.unitOfWork.run(slice)) await this.#deps.pause();
  }
}
