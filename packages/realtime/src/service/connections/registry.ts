import { RealtimeError } from '../../domain/errors.ts';
import type { RealtimeSettings } from '../../domain/settings.ts';
import type { Connection } from './connection.ts';

type Limits = Pick<
  RealtimeSettings,
  'maxConnections' | 'maxUnauthenticatedConnections' | 'maxConnectionsPerUser' | 'maxConnectionsPerAddress'
>;

/** How long those are asked to wait who find no room. */
const RETRY = { retryAfterMs: 5_000 };

/** Who is connected, and how many may be. */
export class ConnectionRegistry {
  readonly #limits: Limits;
  readonly #all = new Set<Connection>();
  readonly #unauthenticated = new Set<Connection>();
  readonly #byUser = new Map<string, Set<Connection>>();
  readonly #byAddress = new Map<string, number>();
  #onEmpty: () => void = () => undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get all(): ReadonlySet<Connection> {
    return this.#all;
  }

  /** Resolves as soon as nobody is connected. */
  empty(): Promise<void> {
    if (this.#all.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  /** Those who have not proved who they are. */
  get unauthenticated(): ReadonlySet<Connection> {
    return this.#unauthenticated;
  }

  ofUser(userId: string): readonly Connection[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  /**
   * Checks whether one more may come.
   * @param addressKey where it comes from, see {@link Transport.addressKey}.
   * @param userId whose it would be, where that is known.
   * @throws RealtimeError `over_capacity` or `too_many_connections`.
   */
  checkRoom(addressKey: string, userId: string | undefined): void {
    const { maxConnections, maxUnauthenticatedConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#all.size >= maxConnections) {
      throw new RealtimeError('over_capacity', `The server holds ${maxConnections} connections, as many as it may.`, RETRY);
    }
    if ((this.#byAddress.get(addressKey) ?? 0) >= maxConnectionsPerAddress) {
      throw new RealtimeError('too_many_connections', `An address may have ${maxConnectionsPerAddress} connections.`, RETRY);
    }
    if (userId !== undefined) this.checkUser(userId);
    else if (this.#unauthenticated.size >= maxUnauthenticatedConnections) {
      throw new RealtimeError(
        'over_capacity',
        `The server holds ${maxUnauthenticatedConnections} connections without a token, as many as it may.`,
        RETRY,
      );
    }
  }

  /** @throws RealtimeError `too_many_connections` when the user may have no more. */
  checkUser(userId: string): void {
    const { maxConnectionsPerUser } = this.#limits;
    if ((this.#byUser.get(userId)?.size ?? 0) < maxConnectionsPerUser) return;
    throw new RealtimeError('too_many_connections', `A user may have ${maxConnectionsPerUser} connections.`, RETRY);
  }

  add(connection: Connection): void {
    const { addressKey } = connection.transport;
    this.#all.add(connection);
    this.#unauthenticated.add(connection);
    this.#byAddress.set(addressKey, (this.#byAddress.get(addressKey) ?? 0) + 1);
  }

  /** Notes whose the connection is. */
  identify(connection: Connection, userId: string): void {
    this.#unauthenticated.delete(connection);
    const mine = this.#byUser.get(userId);
    if (mine) mine.add(connection);
    else this.#byUser.set(userId, new Set([connection]));
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    if (this.#all.size === 0) this.#onEmpty();
    this.#unauthenticated.delete(connection);
    this.#leaveAddress(connection.transport.addressKey);
    const userId = connection.principal?.userId;
    if (userId === undefined) return;
    const mine = this.#byUser.get(userId);
    mine?.delete(connection);
    if (mine?.size === 0) this.#byUser.delete(userId);
  }

  #leaveAddress(addressKey: string): void {
    const left = (this.#byAddress.get(addressKey) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(addressKey, left);
    else this.#byAddress.delete(addressKey);
  }
}
