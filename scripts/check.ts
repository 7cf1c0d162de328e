/**
 * `npm run check`: everything that can be said about the code without running it. One line a check; the output of those that fail
 * follows. `npm run check -- layers sizes` runs only these.
 */
import { availableParallelism } from 'node:os';
import { type RunResult, run } from './run.ts';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** One of our own checks, as a process of its own. */
function own(name: string, script: string, ...args: string[]): Check {
  return { name, command: ['node', '--conditions=source', `scripts/${script}.ts`, ...args] };
}

/** The slowest first: they decide how long it takes. */
const CHECKS: readonly Check[] = [
  { name: 'types', command: ['tsc', '--noEmit', '--pretty', 'false'] },
  { name: 'unused', command: ['knip', '--no-progress'] },
  { name: 'style', command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '--max-diagnostics=50', '.'] },
  own('promises', 'checks/promises'),
  own('documents', 'checks/documents'),
  own('layers', 'checks/layers'),
  own('generated', 'generate', '--check'),
  own('rules', 'checks/rules'),
  own('sizes', 'checks/sizes'),
  own('texts', 'checks/texts'),
  own('licences', 'checks/licences'),
];

interface Outcome extends RunResult {
  readonly check: Check;
}

async function measured(check: Check): Promise<Outcome> {
  const start = performance.now();
  const [command, ...args] = check.command;
  const result = await run(command, args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  console.log(`${result.exitCode === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${check.name}`);
  return { ...result, check };
}

/** Takes checks from one queue, as many at a time as there are processors. */
async function runAll(checks: readonly Check[]): Promise<Outcome[]> {
  const queue = [...checks];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) outcomes.push(await measured(check));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return outcomes;
}

function selected(names: readonly string[]): readonly Check[] {
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0)
    throw new Error(`No such check: ${unknown.join(', ')}. There are ${CHECKS.map(({ name }) => name).join(', ')}.`);
  return names.length === 0 ? CHECKS : CHECKS.filter(({ name }) => names.includes(name));
}

const outcomes = await runAll(selected(process.argv.slice(2)));
const failed = outcomes.filter(({ exitCode }) => exitCode !== 0);
for (const { check, output } of failed) console.log(`\n── ${check.name}: ${check.command.join(' ')}\n${output.trimEnd()}`);
process.exitCode = failed.length === 0 ? 0 : 1;
