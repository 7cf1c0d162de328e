import type { Command } from './command.ts';
import { announce } from './commands/announce.ts';
import { backup } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { restore } from './commands/restore.ts';
import { userAdd } from './commands/user-add.ts';
import { userList } from './commands/user-list.ts';
import { userRemove } from './commands/user-remove.ts';
import { userRotateKey } from './commands/user-rotate-key.ts';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [announce, userList, userAdd, userRemove, userRotateKey, backup, restore, check];
