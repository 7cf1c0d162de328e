/** Who takes part: users and their channels. */

const TEAMS: Readonly<Record<string, string>> = { ann: 'team:red', bob: 'team:red', cid: 'team:blue' };
/** Who holds the five clients. */
export const USERS = ['ann', 'ann', 'bob', 'bob', 'cid'];

/** Keys of all channels. */
export const CHANNELS = ['user:ann', 'user:bob', 'user:cid', 'broadcast', 'team:red', 'team:blue'];

/** Keys of a user's channels. */
export function channelsOf(userId: string): readonly string[] {
  return [`user:${userId}`, 'broadcast', TEAMS[userId] ?? 'team:none'];
}
