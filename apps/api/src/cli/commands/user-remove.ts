import type { Command } from '../command.ts';
import { beside } from '../database/beside.ts';
import { userNamed } from '../database/users.ts';

export const userRemove: Command = {
  name: 'user remove',
  args: ['NAME'],
  summary: 'Remove a user with all of their data.',
  details: `All that the user wrote and all notifications of it go for good; only a backup brings them back.
The user's connections are closed within a second, and their tokens are void. A removal that was
interrupted is finished by the same command, or by the server's next start.`,

  async run(config, [name = '']) {
    const { id, username } = await beside(config, async ({ core, reader }) => {
      const user = userNamed(reader, name);
      await core.removals.remove(user.id);
      return user;
    });
    return { text: `Removed ${username}, ${id}.\n`, data: { removed: { id, username } } };
  },
};
