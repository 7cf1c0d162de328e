import packageJson from '../../package.json' with { type: 'json' };
import { type Environment, readConfig, unknownVariables } from '../config.ts';
import { type CommandLine, readCommandLine } from './arguments.ts';
import type { Outcome } from './command.ts';
import { EXIT, faultOf } from './faults.ts';
import { helpText } from './help.ts';

/** What a run of the command leaves behind. */
export interface Ending {
  readonly exitCode: number;
  /** For the standard output: the result, or with `--json` the fault. */
  readonly out: string;
  /** For the standard error: warnings, and without `--json` the fault. */
  readonly err: string;
}

/**
 * Runs one command line, without the program's name. Never rejects: what went wrong is in what it returns.
 * @param environment the settings; the process's own unless given.
 */
export async function runCommand(argv: readonly string[], environment?: Environment): Promise<Ending> {
  // Also where the line cannot be read, so that a program that asked for JSON gets it.
  const json = argv.includes('--json');
  const warnings = unknownVariables(environment).map((warning) => `friday: ${warning}\n`);
  try {
    const { exitCode, text, data } = await answer(readCommandLine(argv), environment);
    return { exitCode: exitCode ?? EXIT.done, out: json ? `${JSON.stringify(data)}\n` : text, err: warnings.join('') };
  } catch (error) {
    const { exitCode, code, message } = faultOf(error);
    const out = json ? `${JSON.stringify({ error: { code, message } })}\n` : '';
    return { exitCode, out, err: warnings.join('') + (json ? '' : `friday: ${message}\n`) };
  }
}

async function answer(line: CommandLine, environment: Environment | undefined): Promise<Outcome> {
  if (line.wants === 'help') {
    const help = helpText(line.command);
    return { text: help, data: { help }, exitCode: line.exitCode };
  }
  const { version } = packageJson;
  if (line.wants === 'version') return { text: `${version}\n`, data: { version } };
  return line.command.run(readConfig(environment), line.args);
}
