/** The entry: reads the environment, starts the server, ends it at a signal. */
import { startFriday } from './app.ts';
import { readConfig, unknownVariables } from './config.ts';
import { createLog } from './infrastructure/log.ts';

async function main(): Promise<void> {
  // What is written is its owner's alone: the database holds what users wrote down.
  process.umask(0o077);
  const config = readConfig();
  const log = createLog(config.logLevel);
  for (const warning of unknownVariables()) log.warn({}, warning);
  const friday = await startFriday(config, log);
  log.info({ url: friday.url, pid: process.pid }, 'listening');
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping');
    friday.close().then(() => process.exit(0), fail);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** One line, whatever it was: stacks of a wrong setting or a taken port help nobody. */
function fail(error: unknown): void {
  process.stderr.write(`friday: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
