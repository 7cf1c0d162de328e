import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';

const OPTIONS = `Options:
  --json     print one JSON document, faults included
  --version  print the version
  -h, --help print this, or what a command does
`;

const EXITS = `Exit codes: 0 done, 1 failed, 2 wrong arguments or settings, 3 the database is in use, 4 check found damage.
Settings are the server's own, from the same environment variables.
`;

/** What `--help` prints: of one command, or of all. */
export function helpText(command?: Command): string {
  if (command) return `Usage: friday ${usage(command)} [--json]\n\n${command.summary}\n\n${command.details}\n`;
  const width = Math.max(...COMMANDS.map((each) => usage(each).length));
  const lines = COMMANDS.map((each) => `  ${usage(each).padEnd(width)}  ${each.summary}\n`);
  return `Usage: friday COMMAND [ARGUMENT] [OPTION]\n\nCommands, for the owner of a Friday server:\n${lines.join('')}\n${OPTIONS}\n${EXITS}`;
}

function usage({ name, args }: Command): string {
  return [name, ...args].join(' ');
}
