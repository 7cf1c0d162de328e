import { showRegistered } from '../../schemas/user.schema.ts';
import type { Command } from '../command.ts';
import { beside } from '../database/beside.ts';
import { userNamed } from '../database/users.ts';

export const userRotateKey: Command = {
  name: 'user rotate-key',
  args: ['NAME'],
  summary: "Replace a user's secret, and end all of their sessions.",
  details: `Prints the new secret, which is shown this once. The old one and all tokens that were made with it
are void at once; the user's connections are closed within a second.`,

  async run(config, [name = '']) {
    const { user, userSecret } = await beside(config, ({ core, reader }) =>
      core.revocations.rotateKey(userNamed(reader, name).id),
    );
    const text = `${user.username} has a new secret, shown this once: ${userSecret}\n`;
    return { text, data: { user: showRegistered(user, userSecret) } };
  },
};
