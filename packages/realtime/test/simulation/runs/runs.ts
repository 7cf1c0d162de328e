/** Runs scenarios by seed, and tells of the first that breaks a rule: its seed, and the fewest steps that still break it. */
import fc from 'fast-check';
import { Violation } from '../model/verdict.ts';
import { play } from '../steps/play.ts';
import { type Scenario, scenarios } from '../steps/scenario.ts';
import { CHANNELS } from '../world/cast.ts';
import { DatabaseFolder } from '../world/database.ts';
import type { Subject } from '../world/subject.ts';

export interface Failure {
  readonly seed: number;
  readonly error: Error;
  /** The smallest scenario that was found to fail. */
  readonly scenario: Scenario;
}

export interface RunOptions {
  readonly subject: Subject;
  readonly firstSeed: number;
  readonly count: number;
  /** Whether a failure is made as small as can be. Default: it is. */
  readonly shrinks?: boolean;
}

/** @returns the first failure; undefined when all seeds keep the rules. */
export async function runSeeds({ subject, firstSeed, count, shrinks = true }: RunOptions): Promise<Failure | undefined> {
  const folder = await DatabaseFolder.create(CHANNELS);
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const property = fc.asyncProperty(
        scenarios,
        sameFault((scenario) => play(subject, folder, scenario)),
      );
      const { failed, counterexample, errorInstance } = await fc.check(property, {
        seed,
        numRuns: 1,
        unbiased: true,
        endOnFailure: !shrinks,
      });
      const [scenario] = counterexample ?? [];
      if (failed && scenario) {
        const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
        return { seed, error, scenario };
      }
    }
    return undefined;
  } finally {
    folder.remove();
  }
}

/** Shrinking looks for smaller forms of the first fault: scenarios that break another rule pass. */
function sameFault(run: (scenario: Scenario) => Promise<void>): typeof run {
  let first: string | undefined;
  return async (scenario) => {
    try {
      await run(scenario);
    } catch (error) {
      const fault = error instanceof Violation ? error.rule : String(error);
      first ??= fault;
      if (fault === first) throw error;
    }
  };
}

/** A failure as text: what broke, the seed, and the steps. */
export function describeFailure({ seed, error, scenario }: Failure): string {
  const { steps, ...settings } = scenario;
  const lines = steps.map(
    ({ step, turns }, index) => `${index + 1}. ${JSON.stringify(step)}${turns === undefined ? '' : `, then ${turns} turns`}`,
  );
  return [`seed ${seed}: ${error.stack ?? error.message}`, `settings: ${JSON.stringify(settings)}`, ...lines].join('\n');
}
