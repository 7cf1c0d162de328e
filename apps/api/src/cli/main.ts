/** The entry of the `friday` command: what it says goes to the streams, how it went is the exit code. */
import { runCommand } from './run.ts';

// What is written is its owner's alone: backups hold what users wrote down.
process.umask(0o077);
const { exitCode, out, err } = await runCommand(process.argv.slice(2));
process.stdout.write(out);
process.stderr.write(err);
process.exitCode = exitCode;
