/** The seeded simulation, as far as every test run takes it; `simulate.ts` goes further. */
import { expect, test } from 'vitest';
import { work } from './simulation/runs/crew.ts';
import { MUTANTS } from './simulation/runs/mutants.ts';
import { mutated } from './simulation/runs/mutation.ts';
import { describeFailure, runSeeds } from './simulation/runs/runs.ts';
import { realSubject } from './simulation/world/subject.ts';

const SEEDS = 1_000;
const MINUTES = 5 * 60_000;
/** So many seeds find about sixty in a hundred of the deliberate bugs; a thousand find nearly all. */
const FEW_SEEDS = 10;

test(
  '[P6][P7][P8][P8b][P9][P10][P11][P12][P14][P15b][P16][P19][P20][P21][P22][I1][I3][I4][I5] whatever happens, in any order, every rule holds',
  async () => {
    const failure = await runSeeds({ subject: await realSubject(), firstSeed: 1, count: SEEDS });
    expect(failure && describeFailure(failure)).toBeUndefined();
  },
  MINUTES,
);

test.each(MUTANTS)('the code still has the place of a deliberate bug: $name', (mutant) => {
  expect(mutated(mutant)).toContain(mutant.replace);
});

test(
  'a few seeds find most deliberate bugs',
  async () => {
    const found = new Set<string | undefined>();
    const tasks = MUTANTS.map((_, mutant) => ({ mutant, first: 1, count: FEW_SEEDS }));
    const onDone = ({ mutant }: { mutant?: number }, findings: readonly unknown[]) => {
      if (mutant !== undefined && findings.length > 0) found.add(MUTANTS[mutant]?.name);
      return true;
    };
    await work({ workers: 2, tasks, onDone });
    expect(found.size).toBeGreaterThanOrEqual(MUTANTS.length / 2);
  },
  MINUTES,
);
