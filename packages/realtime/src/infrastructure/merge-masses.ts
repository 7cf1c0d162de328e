import { LIMITS } from '@friday/protocol';
import { WebSocketMessage } from '../domain/message.ts';
import type { Addressed } from '../domain/ports.ts';

/**
 * P15b: over 1,000 changes of one kind in one channel become one `<kind>.many` with their count, at the place of the first.
 * @returns the same array where nothing is merged.
 */
export function mergeMasses(notifications: readonly Addressed[]): readonly Addressed[] {
  if (notifications.length <= LIMITS.changesOfOneKind) return notifications;
  const counts = new Map<string, number>();
  for (const notification of notifications) {
    const mass = massOf(notification);
    if (mass !== undefined) counts.set(mass, (counts.get(mass) ?? 0) + 1);
  }
  const announced = new Set<string>();
  return notifications.flatMap((notification) => {
    const mass = massOf(notification);
    const count = mass === undefined ? 0 : (counts.get(mass) ?? 0);
    if (mass === undefined || count <= LIMITS.changesOfOneKind) return [notification];
    if (announced.has(mass)) return [];
    announced.add(mass);
    const type = `${notification.message.kind}.many`;
    return [{ channel: notification.channel, message: new WebSocketMessage({ type, data: { count } }) }];
  });
}

function massOf({ channel, message }: Addressed): string | undefined {
  return message.kind === undefined ? undefined : `${channel} ${message.kind}`;
}
