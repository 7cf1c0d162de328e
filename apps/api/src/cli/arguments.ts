import { parseArgs } from 'node:util';
import { closest } from '../closest.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { CommandError, EXIT } from './faults.ts';

/** What a command line asks for. */
export type CommandLine =
  | { readonly wants: 'run'; readonly command: Command; readonly args: readonly string[] }
  /** Of one command, or of all. */
  | { readonly wants: 'help'; readonly command: Command | undefined; readonly exitCode: number }
  | { readonly wants: 'version' };

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

/** Reads a command line, without the program's name. @throws CommandError `usage`, in one line that says where help is. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parse(argv);
  if (values.version) return { wants: 'version' };
  const command = commandOf(positionals);
  // Help that was not asked for is no success: a script's variable may have been empty.
  if (values.help || positionals.length === 0) return { wants: 'help', command, exitCode: values.help ? EXIT.done : EXIT.usage };
  if (!command) throw unknownCommand(positionals);
  return { wants: 'run', command, args: argsOf(command, positionals.slice(words(command).length)) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw error instanceof TypeError ? unreadable(error) : error;
  }
}

/** The parser's first sentence says what is wrong; those that follow are advice that does not fit here. */
function unreadable(cause: TypeError): CommandError {
  const [sentence = ''] = cause.message.split('. ');
  return new CommandError('usage', `${sentence.replace(/[.]$/, '')}: see friday --help.`, { cause });
}

function commandOf(positionals: readonly string[]): Command | undefined {
  return COMMANDS.find((command) => words(command).every((word, index) => positionals[index] === word));
}

function words({ name }: Command): string[] {
  return name.split(' ');
}

function unknownCommand(positionals: readonly string[]): CommandError {
  const names = COMMANDS.map(({ name }) => name);
  const [first = ''] = positionals;
  const given = names.some((name) => name.startsWith(`${first} `)) ? positionals.slice(0, 2).join(' ') : first;
  return new CommandError('usage', `There is no command ${given}: did you mean ${closest(given, names)}? See friday --help.`);
}

function argsOf(command: Command, given: readonly string[]): readonly string[] {
  const needed = command.args.filter((name) => !name.startsWith('['));
  const help = `see friday ${command.name} --help.`;
  const missing = needed[given.length];
  if (missing !== undefined) throw new CommandError('usage', `${missing} is missing: ${help}`);
  const more = given[command.args.length];
  // A sentence without quotes is the usual way to get here.
  if (more !== undefined)
    throw new CommandError('usage', `'${more}' is one argument too many, perhaps for want of quotes: ${help}`);
  return given;
}
