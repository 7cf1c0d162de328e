import type { Config } from '../config.ts';

/** What a command did. */
export interface Outcome {
  /** For a person: whole lines. */
  readonly text: string;
  /** The same for a program: what `--json` prints. */
  readonly data: object;
  /** Unless all is well: 0. */
  readonly exitCode?: number;
}

/** One command, such as `user add`. */
export interface Command {
  /** Its words. */
  readonly name: string;
  /** Names of its arguments, all of which are needed but one in brackets: `[FILE]`. */
  readonly args: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** What else `--help` says, in lines of 100 characters at most. */
  readonly details: string;
  /** Rejects with any of the faults that `faultOf` knows. */
  run(config: Config, args: readonly string[]): Promise<Outcome>;
}
