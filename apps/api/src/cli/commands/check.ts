import { databasePath } from '../../composition.ts';
import type { Command, Outcome } from '../command.ts';
import { findDamage, type Report } from '../database/damage.ts';
import { existing, existingFile, schemaState, withReader } from '../database/state.ts';
import { EXIT } from '../faults.ts';

export const check: Command = {
  name: 'check',
  args: ['[FILE]'],
  summary: "Look for damage in the server's database, or in a backup.",
  details: `Checks the file, the references between rows, that all JSON can be read, and of each channel that
its notifications are numbered without a gap up to the head, that their times never fall, and that
the head is the last row's. The server may run meanwhile. Exit code 4 when something is found.`,

  async run(config, [file]) {
    const path = file === undefined ? existing(databasePath(config)) : existingFile(file);
    const report = await withReader(path, (session) => {
      schemaState(session, path);
      return findDamage(session);
    });
    return outcome(path, report);
  },
};

function outcome(path: string, { findings, more, counted }: Report): Outcome {
  const data = { file: path, ok: findings.length === 0, ...counted, findings, more };
  if (findings.length > 0) {
    const lines = findings.map(({ code, where, message }) => `${code}: ${where}: ${message}\n`);
    return { text: `${lines.join('')}${more ? 'and more\n' : ''}`, data, exitCode: EXIT.damaged };
  }
  const { users = 0, channels = 0, notifications = 0 } = counted ?? {};
  return { text: `${path} is whole: ${users} users, ${channels} channels, ${notifications} notifications\n`, data };
}
