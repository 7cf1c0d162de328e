import { USERNAME } from '../../domain/user.ts';
import { showRegistered } from '../../schemas/user.schema.ts';
import type { Command } from '../command.ts';
import { beside } from '../database/beside.ts';
import { CommandError } from '../faults.ts';

const { minLength, maxLength, pattern } = USERNAME;

export const userAdd: Command = {
  name: 'user add',
  args: ['NAME'],
  summary: 'Make a user, also where registration is closed.',
  details: `Prints the user's secret, which is shown this once: a client exchanges it for tokens.
NAME has ${minLength} to ${maxLength} letters, digits, _ and -, and starts with a letter.`,

  async run(config, [name = '']) {
    if (name.length < minLength || name.length > maxLength || !new RegExp(pattern).test(name)) {
      const allowed = `${minLength} to ${maxLength} letters, digits, _ and -`;
      throw new CommandError('username_invalid', `'${name}' is no name for a user; allowed: ${allowed}.`);
    }
    const { user, userSecret } = await beside(config, ({ core }) => core.userService.add(name));
    const text = `Added ${user.username}, ${user.id}.\nThe secret, shown this once: ${userSecret}\n`;
    return { text, data: { user: showRegistered(user, userSecret) } };
  },
};
