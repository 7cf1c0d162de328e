import type { SqliteSession } from '@friday/realtime';
import { foldUsername } from '../../domain/user.ts';
import { CommandError } from '../faults.ts';

/** A user as the owner of the server sees one. */
export interface ListedUser {
  readonly id: string;
  readonly username: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Whether a removal has begun that was not finished yet. */
  readonly removing: 0 | 1;
}

const COLUMNS = 'SELECT id, username, created_at AS createdAt, removed_at IS NOT NULL AS removing FROM users';

/** All users, by name. */
export function allUsers(reader: SqliteSession): ListedUser[] {
  return reader.all<ListedUser>(`${COLUMNS} ORDER BY username_folded`);
}

/** The user of that name, in any case of letters. @throws CommandError `user_not_found`. */
export function userNamed(reader: SqliteSession, name: string): ListedUser {
  const [user] = reader.all<ListedUser>(`${COLUMNS} WHERE username_folded = ?`, [foldUsername(name)]);
  if (!user) throw new CommandError('user_not_found', `There is no user ${name}.`);
  return user;
}
