import type { Transaction } from '@friday/realtime';
import {
  ACTIVITY_ERRORS,
  type Activity,
  type ActivityChanges,
  type ActivityRepository,
  type ActivityWithMoments,
  activityJob,
  type ChangedActivity,
  changeActivity,
  draftActivity,
  type MomentLookup,
  type NewActivity,
  retryActivity,
} from '../domain/activity.ts';
import type { Actor } from '../domain/actor.ts';
import { FridayError } from '../domain/errors.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import type { Clock, UnitOfWork } from '../domain/ports.ts';
import { type ExpectedVersions, requireVersion } from '../domain/version.ts';
import type { ChangeAnnouncer } from './changes.ts';
import type { Dependents } from './dependents.ts';

export interface ActivityServiceDeps {
  readonly activities: ActivityRepository<Transaction>;
  readonly moments: MomentLookup<Transaction>;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly changes: ChangeAnnouncer;
  readonly dependents: Dependents;
  readonly clock: Clock;
}

/** Activities: each user sees and changes only their own. Source: REST specification, section "Activities". */
export class ActivityService {
  readonly #deps: ActivityServiceDeps;

  constructor(deps: ActivityServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Creates an activity and announces it, in one transaction.
   * @throws FridayError `ACTIVITY_INVALID`, which names all faults.
   */
  async create(actor: Actor, input: NewActivity): Promise<ActivityWithMoments> {
    const draft = draftActivity(actor.userId, input, this.#deps.clock.now());
    return this.#deps.unitOfWork.run(async (tx) => {
      const activity = await this.#deps.activities.insert(tx, draft);
      this.#deps.changes.announce(tx, { actor, resource: activity, action: 'created' });
      return { activity, momentCount: 0, moments: null };
    });
  }

  /** The user's activities, in the order of their numbers. */
  async list(actor: Actor, page: PageRequest): Promise<Page<ActivityWithMoments>> {
    const { items, total } = await this.#deps.activities.list(actor.userId, page);
    const counts = await this.#deps.moments.count(items.map(({ id }) => id));
    return { items: items.map((activity) => ({ activity, momentCount: counts.get(activity.id) ?? 0, moments: [] })), total };
  }

  /** @throws FridayError `activity_not_found` where the activity is missing or another user's. */
  async get(actor: Actor, id: number): Promise<ActivityWithMoments> {
    return this.#withMoments(await this.#find(actor, id));
  }

  /**
   * The activity alone, for how far its processing has come.
   * @throws FridayError as {@link get}.
   */
  async getProcessing(actor: Actor, id: number): Promise<Activity> {
    return this.#find(actor, id);
  }

  /**
   * Changes an activity and announces what differs; where nothing does, nothing is written.
   * @throws FridayError `activity_not_found`, `version_mismatch`, and those of {@link create}.
   */
  async update(actor: Actor, id: number, changes: ActivityChanges, expected?: ExpectedVersions): Promise<ActivityWithMoments> {
    const change = (present: Activity) => changeActivity(present, changes, this.#deps.clock.now());
    return this.#deps.unitOfWork.run(async (tx) => {
      const activity = await this.#change(tx, { actor, id, expected, change });
      return this.#withMoments(activity, tx);
    });
  }

  /**
   * Deletes an activity, and with it what belongs to it, which is announced after it.
   * @throws FridayError `activity_not_found`, `version_mismatch`.
   */
  async delete(actor: Actor, id: number, expected?: ExpectedVersions): Promise<void> {
    await this.#deps.unitOfWork.run(async (tx) => {
      const activity = await this.#find(actor, id, tx);
      requireVersion(activity, expected);
      const resource = { id, version: activity.version + 1 };
      this.#deps.changes.announce(tx, { actor, resource, action: 'deleted' });
      await this.#deps.dependents.deleting(tx, actor, { kind: 'activity', id });
      await this.#deps.activities.delete(tx, activity);
    });
  }

  /**
   * Has an activity processed once more.
   * @returns the name of the job.
   * @throws FridayError `activity_not_found`, `version_mismatch`, `ACTIVITY_NOT_FAILED`.
   */
  async retryProcessing(actor: Actor, id: number, expected?: ExpectedVersions): Promise<string> {
    const change = (present: Activity) => retryActivity(present, this.#deps.clock.now());
    return this.#deps.unitOfWork.run(async (tx) => activityJob(await this.#change(tx, { actor, id, expected, change })));
  }

  async #change(tx: Transaction, { actor, id, expected, change }: RequestedChange): Promise<Activity> {
    const present = await this.#find(actor, id, tx);
    requireVersion(present, expected);
    const { activity, changed } = change(present);
    if (changed.length === 0) return activity;
    await this.#deps.activities.update(tx, activity);
    this.#deps.changes.announce(tx, { actor, resource: activity, action: 'updated', changed });
    return activity;
  }

  async #find(actor: Actor, id: number, tx?: Transaction): Promise<Activity> {
    const activity = await this.#deps.activities.find(actor.userId, id, tx);
    if (!activity) throw new FridayError(ACTIVITY_ERRORS.activity_not_found);
    return activity;
  }

  async #withMoments(activity: Activity, tx?: Transaction): Promise<ActivityWithMoments> {
    const moments = await this.#deps.moments.list(activity.id, tx);
    return { activity, momentCount: moments.length, moments: moments.length === 0 ? null : moments };
  }
}

interface RequestedChange {
  readonly actor: Actor;
  readonly id: number;
  readonly expected: ExpectedVersions;
  readonly change: (present: Activity) => ChangedActivity;
}
