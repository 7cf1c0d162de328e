/**
 * Runs the simulation for longer than the tests do, and shows that it has teeth.
 *
 * - `simulate.ts --seeds 100000 [--seed 1] [--workers 2]` plays that many scenarios, and prints those that break a rule.
 * - `simulate.ts --mutants [--named 'wake-up'] [--seeds 2000]` plays them against each of a list of deliberate bugs, or those whose name
 *   holds that text, and prints the seed that finds it.
 *
 * Exit code 1 when a rule was broken, or a bug was not found; 2 when the options make no sense.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { work } from './simulation/runs/crew.ts';
import { MUTANTS } from './simulation/runs/mutants.ts';
import type { Finding, Seeds, Task } from './simulation/runs/task.ts';

interface Options extends Seeds {
  readonly workers: number;
}

/** Seeds that a worker is handed at once. */
const BATCH = 50;
/** Broken rules after which there is enough to look at. */
const ENOUGH = 5;
const PROGRESS_MS = 5_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function* batches({ first, count }: Seeds): Generator<Task> {
  for (let done = 0; done < count; done += BATCH) yield { first: first + done, count: Math.min(BATCH, count - done) };
}

/** @returns whether all seeds keep the rules. */
async function playSeeds({ workers, ...seeds }: Options): Promise<boolean> {
  const start = performance.now();
  const progress = { played: 0, violations: 0, next: start + PROGRESS_MS };
  const state = () => {
    const speed = (1000 * progress.played) / (performance.now() - start);
    return `${progress.played} of ${seeds.count} seeds, ${progress.violations} violations, ${speed.toFixed(1)} seeds a second`;
  };
  const onDone = ({ count }: Task, findings: readonly Finding[]) => {
    progress.played += count;
    progress.violations += findings.length;
    for (const { seed, text } of findings) print(`${text}\nto play it again: npm run simulate -- --seed ${seed} --seeds 1\n`);
    if (performance.now() >= progress.next) {
      progress.next += PROGRESS_MS;
      process.stderr.write(`${state()}\n`);
    }
    return progress.violations < ENOUGH;
  };
  await work({ workers, tasks: batches(seeds), onDone });
  print(`${state()}, ${workers} processes, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return progress.violations === 0;
}

/** @returns whether every deliberate bug is found. */
async function playMutants({ workers, first, count }: Options, named: string): Promise<boolean> {
  let found = 0;
  const tasks = MUTANTS.flatMap(({ name }, mutant) => (name.includes(named) ? [{ mutant, first, count }] : []));
  const onDone = ({ mutant = 0 }: Task, [finding]: readonly Finding[]) => {
    if (finding) found++;
    const needed = finding ? `${finding.seed - first + 1}` : '-';
    const seen = finding ? `seed ${String(finding.seed).padStart(6)}  ${finding.message.slice(0, 100)}` : 'NOT FOUND';
    print(`${(MUTANTS[mutant]?.name ?? '').padEnd(84)} ${needed.padStart(6)}  ${seen}`);
    return true;
  };
  print(`${'deliberate bug'.padEnd(84)}  seeds  found by`);
  await work({ workers, tasks, onDone });
  print(`${found} of ${tasks.length} deliberate bugs found, each within ${count} seeds`);
  return found === tasks.length;
}

/** @returns undefined when the text is no whole number above 0. */
function positive(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

const { values } = parseArgs({
  options: {
    mutants: { type: 'boolean', default: false },
    named: { type: 'string', default: '' },
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const first = positive(values.seed);
const count = positive(values.seeds);
const workers = positive(values.workers);
if (first === undefined || count === undefined || workers === undefined) {
  process.stderr.write('--seed, --seeds and --workers are whole numbers above 0.\n');
  process.exitCode = 2;
} else {
  const options = { first, count, workers: Math.min(workers, Math.ceil(values.mutants ? MUTANTS.length : count / BATCH)) };
  process.exitCode = (await (values.mutants ? playMutants(options, values.named) : playSeeds(options))) ? 0 : 1;
}
