import { wireTime } from '../../domain/time.ts';
import type { Command } from '../command.ts';
import { beside } from '../database/beside.ts';
import { allUsers } from '../database/users.ts';

export const userList: Command = {
  name: 'user list',
  args: [],
  summary: 'List all users.',
  details: 'One line each, by name: the name, the id, and when the user was made.',

  async run(config) {
    const users = await beside(config, ({ reader }) => allUsers(reader));
    const width = Math.max(...users.map(({ username }) => username.length));
    const lines = users.map(({ id, username, createdAt }) => `${username.padEnd(width)}  ${id}  ${wireTime(createdAt)}\n`);
    const data = users.map(({ id, username, createdAt }) => ({ id, username, created_at: wireTime(createdAt) }));
    return { text: lines.join(''), data: { users: data } };
  },
};
