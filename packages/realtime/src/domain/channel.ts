/**
 * Channels. A key, such as `user:42` or `broadcast`, names one channel of the log. Clients see only its name, the text before
 * the first colon, so a frame's bytes are the same on every connection and never name another user.
 */

const KEY = /^[a-z][a-z0-9_-]{0,31}(?::[^\s:]{1,128})?$/;

/** The channel that every principal should be given. */
export const BROADCAST_CHANNEL = 'broadcast';

/** The layer's own channel, in which revocations are announced to all nodes (P20); no principal has it. */
export const REVOCATION_CHANNEL = 'revocation';

/** The key of a user's own channel. */
export function userChannel(userId: string): string {
  return `user:${userId}`;
}

/** The name that clients see. */
export function channelName(key: string): string {
  const colon = key.indexOf(':');
  return colon < 0 ? key : key.slice(0, colon);
}

/** Whether the text is a channel key. */
export function isChannelKey(key: string): boolean {
  return KEY.test(key);
}
