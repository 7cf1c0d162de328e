import { checkNotificationContent, faultSentence, LIMITS, type NotificationContent } from '@friday/protocol';
import { RealtimeError } from './errors.ts';

const TYPE_FIRST = '{"type":"';

/**
 * One committed change, as a service announces it. Checked and encoded once, when it is made: what cannot be delivered is
 * refused here, so that its transaction fails, and never at delivery.
 */
export class WebSocketMessage {
  readonly type: string;
  /** The kind of resource that changed, for merging masses of changes (P15b). */
  readonly kind: string | undefined;
  /** The whole content as JSON, an object of at least one field. */
  readonly json: string;

  /**
   * @throws RealtimeError `message_invalid` (the field is named) or `message_too_large` (`data` over 16 KiB, all over 32 KiB).
   */
  constructor(content: NotificationContent) {
    const json = encode(content);
    const faults = checkNotificationContent(content);
    if (faults.length > 0) throw new RealtimeError('message_invalid', faultSentence('The notification is not valid', faults));
    checkSize('data', encode(content.data ?? null), LIMITS.dataBytes);
    checkSize('whole', json, LIMITS.notificationBytes);
    this.type = content.type;
    this.kind = content.resource?.kind;
    this.json = json;
  }
}

/** The type of a message, from its {@link WebSocketMessage.json}: most have it first. */
export function typeOf(json: string): string {
  const end = json.startsWith(TYPE_FIRST) ? json.indexOf('"', TYPE_FIRST.length) : -1;
  if (end > 0) return json.slice(TYPE_FIRST.length, end);
  const { type }: { readonly type: string } = JSON.parse(json);
  return type;
}

function encode(value: unknown): string {
  let cause: unknown;
  try {
    return JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  throw new RealtimeError('message_invalid', `The notification has no JSON form: ${String(cause)}.`, { cause });
}

function checkSize(part: string, json: string, limit: number): void {
  // A UTF-16 unit is at most three bytes of UTF-8: short texts need no count.
  if (json.length * 3 <= limit) return;
  const bytes = Buffer.byteLength(json);
  if (bytes > limit)
    throw new RealtimeError('message_too_large', `The notification's ${part} has ${bytes} bytes; ${limit} are allowed.`);
}
