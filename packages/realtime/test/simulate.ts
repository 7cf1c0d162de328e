/**
 * Runs the simulation for longer than the tests do, and shows that it has teeth.
 *
 * - `simulate.ts --seeds 100000 [--seed 1]` plays that many scenarios and prints the first that breaks a rule.
 * - `simulate.ts --mutants [--seeds 2000]` plays them against each of a list of deliberate bugs, and prints the seed that finds it.
 *
 * Exit code 1 when a rule was broken, or a bug was not found.
 */
import { parseArgs } from 'node:util';
import { MUTANTS } from './simulation/runs/mutants.ts';
import { tryMutant } from './simulation/runs/mutation.ts';
import { describeFailure, runSeeds } from './simulation/runs/runs.ts';
import { realSubject } from './simulation/world/subject.ts';

interface Seeds {
  readonly first: number;
  readonly count: number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @returns whether all seeds keep the rules. */
async function playSeeds({ first, count }: Seeds): Promise<boolean> {
  const start = performance.now();
  const failure = await runSeeds({ subject: await realSubject(), firstSeed: first, count });
  const seconds = (performance.now() - start) / 1000;
  print(failure ? describeFailure(failure) : `${count} seeds from ${first} on keep the rules, in ${seconds.toFixed(1)} s`);
  return failure === undefined;
}

/** @returns whether every deliberate bug is found. */
async function playMutants(seeds: Seeds): Promise<boolean> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const failure = await tryMutant(mutant, seeds);
    if (!failure) missed++;
    const found = failure ? `seed ${String(failure.seed).padStart(5)}  ${failure.error.message.slice(0, 100)}` : 'NOT FOUND';
    print(`${mutant.name.padEnd(84)} ${found}`);
  }
  print(`${MUTANTS.length - missed} of ${MUTANTS.length} deliberate bugs found within ${seeds.count} seeds`);
  return missed === 0;
}

const { values } = parseArgs({
  options: {
    mutants: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
  },
});
const seeds = { first: Number(values.seed), count: Number(values.seeds) };
process.exitCode = (await (values.mutants ? playMutants(seeds) : playSeeds(seeds))) ? 0 : 1;
