import { wireTime } from '../../domain/time.ts';
import type { Command } from '../command.ts';
import { beside } from '../database/beside.ts';
import { allUsers, type ListedUser } from '../database/users.ts';

export const userList: Command = {
  name: 'user list',
  args: [],
  summary: 'List all users.',
  details: `One line each, by name: the name, the id, and when the user was made. Who is being removed is
marked so; where that was interrupted, user remove NAME or the server's next start finishes it.`,

  async run(config) {
    const users = await beside(config, ({ reader }) => allUsers(reader));
    const width = Math.max(...users.map(({ username }) => username.length));
    const lines = users.map((user) => `${user.username.padEnd(width)}  ${line(user)}\n`);
    const data = users.map(({ id, username, createdAt, removing }) => {
      return { id, username, created_at: wireTime(createdAt), ...(removing === 1 && { removing: true }) };
    });
    return { text: lines.join(''), data: { users: data } };
  },
};

function line({ id, createdAt, removing }: ListedUser): string {
  return `${id}  ${wireTime(createdAt)}${removing === 1 ? '  being removed' : ''}`;
}
