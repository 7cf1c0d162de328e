import { existsSync, renameSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { databasePath } from '../../composition.ts';
import type { Command } from '../command.ts';
import { copyDatabase, folderToDisk } from '../database/files.ts';
import { existing, schemaState, withReader } from '../database/state.ts';
import { CommandError } from '../faults.ts';

export const backup: Command = {
  name: 'backup',
  args: ['FILE'],
  summary: 'Copy the whole database into a new file.',
  details: `The server may run and write meanwhile. FILE holds all data and notifications as they were at one
moment. It appears when it is complete, is readable by its owner only, and is never written over
another file. The signing secret is not in it.`,

  async run(config, [file = '']) {
    const path = existing(databasePath(config));
    const target = resolve(file);
    await withReader(path, (session) => {
      schemaState(session, path);
      refuseExisting(target);
      const copy = copyDatabase(session, target);
      renameSync(copy, target);
      folderToDisk(target);
    });
    const bytes = statSync(target).size;
    return { text: `${target}: ${bytes} bytes\n`, data: { file: target, bytes } };
  },
};

function refuseExisting(target: string): void {
  if (existsSync(target)) throw new CommandError('file_exists', `${target} exists already: nothing was written.`);
}
