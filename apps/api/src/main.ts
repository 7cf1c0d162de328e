/** The entry: reads the environment, starts the server, ends it at a signal. */
import { startFriday } from './app.ts';
import { readConfig, unknownVariables } from './config.ts';
import { createLog } from './infrastructure/log.ts';

/** Seconds beyond the drain after which stopping is given up. */
const STOP_GRACE_SECONDS = 30;

async function main(): Promise<void> {
  // What is written is its owner's alone: the database holds what users wrote down.
  process.umask(0o077);
  const config = readConfig();
  const log = createLog(config.logLevel);
  for (const warning of unknownVariables()) log.warn({}, warning);
  const friday = await startFriday(config, log);
  log.info({ url: friday.url, pid: process.pid }, 'listening');
  let stopping = false;
  const stop = (exitCode: number) => {
    stopping = true;
    // Whatever hangs, the process ends: nothing may hold its port and its database for ever.
    const hanging = () => fail(new Error('stopping took too long: ended at once'));
    setTimeout(hanging, (config.realtime.drainSeconds + STOP_GRACE_SECONDS) * 1000).unref();
    friday.close().then(() => process.exit(exitCode), fail);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, stopping ? 'stopping at once' : 'stopping');
    if (stopping) process.exit(1);
    stop(0);
  };
  const onFault = (err: unknown) => {
    log.fatal({ err }, 'a fault that nothing caught: stopping');
    if (stopping) process.exit(1);
    stop(1);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('uncaughtException', onFault);
}

/** One line, whatever it was: stacks of a wrong setting or a taken port help nobody. */
function fail(error: unknown): void {
  process.stderr.write(`friday: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
