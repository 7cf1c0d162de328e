import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { needs } from '../../../../../test/support/needs.ts';

const faketime = needs('faketime');

/**
 * A wall clock that can be set while programs run under it: the library of `faketime`, loaded before theirs. The clock that measures
 * durations is left alone, as it is when an administrator or NTP sets the time. Source: github.com/wolfcw/libfaketime
 */
export class FakeClock {
  readonly #file: string;
  readonly #library: string;

  /** Whether there is one here; where not, the run says so, and with `CI` set it fails. */
  static possible(): boolean {
    return faketime !== undefined;
  }

  /** @param file keeps what the clock shows; a path in a folder of the test's own. */
  constructor(file: string) {
    this.#file = file;
    this.#library = execFileSync(String(faketime), ['-f', '+0s', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
    this.set('+0');
  }

  /** What to put before a command for it to see this clock, in the same process. */
  get before(): readonly string[] {
    const variables = [`LD_PRELOAD=${this.#library}`, `FAKETIME_TIMESTAMP_FILE=${this.#file}`];
    return ['env', ...variables, 'FAKETIME_NO_CACHE=1', 'DONT_FAKE_MONOTONIC=1'];
  }

  /** Sets it, at once for all that run under it. @param offset from the true time, such as `-1d`, `+90m` or `+0`. */
  set(offset: string): void {
    const next = `${this.#file}.next`;
    writeFileSync(next, offset);
    renameSync(next, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
