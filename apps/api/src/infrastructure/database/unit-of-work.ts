import type { Transaction } from '@friday/realtime';
import type { UnitOfWork } from '../../domain/ports.ts';

/** The transactions of this process, whose end can be waited for. */
export interface OwnUnitOfWork extends UnitOfWork<Transaction> {
  /** Resolves when nothing is queued or under way. */
  settled(): Promise<void>;
}
