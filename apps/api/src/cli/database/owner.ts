import { CommandError } from '../faults.ts';

/**
 * What root writes into another user's folder, the server could not open.
 * @param owner user id of the folder's owner. @param user of this process; undefined where the system has none.
 * @throws CommandError `not_the_owner`.
 */
export function requireOwner(folder: string, owner: number, user: number | undefined = process.getuid?.()): void {
  if (user !== 0 || owner === 0) return;
  throw new CommandError('not_the_owner', `${folder} belongs to user ${owner}: restore as that user, not as root.`);
}
