import type { DeliveryCounts } from '../../domain/metrics.ts';

/** What the pump has written since the start: plain numbers, for they are counted for each message of each connection. */
export class Tally implements DeliveryCounts {
  notifications = 0;
  bytes = 0;
}
