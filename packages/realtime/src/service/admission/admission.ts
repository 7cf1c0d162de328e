import { RealtimeError } from '../../domain/errors.ts';
import type { Authenticator, Clock, Principal } from '../../domain/ports.ts';
import type { RealtimeSettings } from '../../domain/settings.ts';
import type { Opening, Prepared } from '../connections/opening.ts';
import type { ConnectionRegistry } from '../connections/registry.ts';
import type { Revocations } from '../revocations.ts';
import { Gate } from './gate.ts';
import { KeyedBuckets, perMinute } from './token-bucket.ts';

export interface AdmissionDeps {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly settings: RealtimeSettings;
  readonly registry: ConnectionRegistry;
  readonly opening: Opening;
  readonly revocations: Revocations;
}

/** What a client brought to the door. */
export interface Caller {
  /** Undefined when the first frame will bring it. */
  readonly token: string | undefined;
  /** Where it wants to resume. */
  readonly position: string | undefined;
  /** The key by which limits count its address. */
  readonly addressKey: string;
}

/** Who may connect, how many, and how fast: every limit that is looked at before a connection is open. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #gate: Gate;
  readonly #handshakes: KeyedBuckets | undefined;
  #open = true;

  constructor(deps: AdmissionDeps) {
    const { clock, settings } = deps;
    const rate = perMinute(settings.handshakesPerAddressPerMinute);
    this.#deps = deps;
    this.#handshakes = rate && new KeyedBuckets(rate);
    this.#gate = new Gate({
      clock,
      maxUnderway: settings.handshakesUnderway,
      maxWaiting: settings.handshakesWaiting,
      deadlineMs: settings.admissionSeconds * 1000,
    });
  }

  /** Handshakes and authentications that wait for their turn. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /** From now on everybody is told `server_draining`. */
  close(): void {
    this.#open = false;
  }

  /**
   * Verifies a caller, as far as that can be done before the upgrade.
   * @returns who it is, or undefined without a token.
   * @throws RealtimeError why it may not connect now.
   */
  async check(caller: Caller): Promise<Principal | undefined> {
    this.#knock(caller.addressKey);
    return this.#gate.run(() => this.#identify(caller));
  }

  /**
   * Verifies a caller and finds where it starts, in its turn.
   * @returns what must go on to a connection or be abandoned; undefined without a token.
   * @throws RealtimeError why it may not connect now.
   */
  async enter(caller: Caller): Promise<Prepared | undefined> {
    this.#knock(caller.addressKey);
    return this.#gate.run(async () => {
      const principal = await this.#identify(caller);
      return principal && this.#deps.opening.prepare(principal, caller.position);
    });
  }

  /** Verifies a token that came by a frame, in its turn. @throws RealtimeError as the authenticator does, or `over_capacity`. */
  verify(token: string): Promise<Principal> {
    return this.#gate.run(() => this.#authenticate(token));
  }

  /**
   * Checks whether one more connection may come now: others may have come, and tokens been revoked, while this one was verified.
   * @throws RealtimeError `server_draining`, `over_capacity`, `too_many_connections`, `revoked`.
   */
  checkRoom(addressKey: string, principal: Principal | undefined): void {
    this.#checkServing();
    this.#deps.registry.checkRoom(addressKey, principal?.userId);
    if (principal) this.checkRevocation(principal);
  }

  /** @throws RealtimeError `revoked` when the token was revoked since it was verified. */
  checkRevocation({ userId, generation = 0 }: Principal): void {
    if (this.#deps.revocations.covers(userId, generation)) throw new RealtimeError('revoked');
  }

  /** Turns away who waited too long, and forgets old rates; to be called now and then. */
  sweep(): void {
    this.#gate.sweep();
    this.#handshakes?.sweep(this.#deps.clock.monotonic());
  }

  async #identify({ token, addressKey }: Caller): Promise<Principal | undefined> {
    this.#checkServing();
    const principal = token === undefined ? undefined : await this.#authenticate(token);
    this.checkRoom(addressKey, principal);
    return principal;
  }

  async #authenticate(token: string): Promise<Principal> {
    await this.#deps.revocations.ready();
    const principal = await this.#deps.authenticator.authenticate(token);
    // It may have been revoked while it was verified.
    this.checkRevocation(principal);
    return principal;
  }

  #knock(addressKey: string): void {
    this.#checkServing();
    const wait = this.#handshakes?.take(addressKey, this.#deps.clock.monotonic()) ?? 0;
    if (wait > 0) throw new RealtimeError('rate_limited', 'This address connects too often.', { retryAfterMs: wait });
  }

  #checkServing(): void {
    if (!this.#open) throw new RealtimeError('server_draining', undefined, { retryAfterMs: 1_000 });
  }
}
