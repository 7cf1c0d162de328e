/** What a worker process is asked to do, and what it answers. */
import { realSubject } from '../world/subject.ts';
import { MUTANTS } from './mutants.ts';
import { tryMutant } from './mutation.ts';
import { describeFailure, type Failure, runSeeds } from './runs.ts';

/** Seeds, one after the other. */
export interface Seeds {
  readonly first: number;
  readonly count: number;
}

/** Plays seeds against the code as it is, or, where `mutant` is its place in the list, against a deliberate bug. */
export interface Task extends Seeds {
  readonly mutant?: number;
}

/** A rule that was broken, in a form that can be sent from one process to another. */
export interface Finding {
  readonly seed: number;
  /** What was seen, in one line. */
  readonly message: string;
  /** The steps too. */
  readonly text: string;
}

/** @returns performs one task after the other, in this process. */
export function performer(): (task: Task) => Promise<readonly Finding[]> {
  // What is loaded is watched for its cache, so it is loaded once.
  const subject = realSubject();
  return async (task) => {
    const mutant = task.mutant === undefined ? undefined : MUTANTS[task.mutant];
    if (mutant) return found(await tryMutant(mutant, task));
    const findings: Finding[] = [];
    const end = task.first + task.count;
    for (let first = task.first; first < end; ) {
      const failure = await runSeeds({ subject: await subject, firstSeed: first, count: end - first });
      findings.push(...found(failure));
      first = failure ? failure.seed + 1 : end;
    }
    return findings;
  };
}

function found(failure: Failure | undefined): Finding[] {
  if (!failure) return [];
  const [message = ''] = failure.error.message.split('\n');
  return [{ seed: failure.seed, message, text: describeFailure(failure) }];
}
