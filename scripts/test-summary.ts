/** What `npm test` says at its end. */

/** The parts of Vitest's JSON report that are read here. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: ReadonlyArray<{
    readonly status: string;
    readonly assertionResults: ReadonlyArray<{ readonly status: string }>;
  }>;
}

/**
 * @param report Vitest's report, undefined when it ended without one.
 * @param missing names of programs that tests looked for in vain, one a line, with repetitions.
 * @returns the lines to print; the last counts.
 */
export function summary(report: TestReport | undefined, missing: string): string[] {
  const counts = Map.groupBy(missing.split('\n').filter(Boolean), (name) => name);
  const lines = [...counts].map(
    ([name, all]) => `Skipped, because ${name} is not there: tests of ${all.length} ${all.length === 1 ? 'file' : 'files'}.`,
  );
  if (!report) return [...lines, 'Vitest ended without a report.', '0 passed, 1 failed, 0 skipped'];
  const failed = report.numFailedTests + brokenFiles(report);
  return [...lines, `${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`];
}

/** Files that failed as a whole, though none of their tests did: they could not be loaded, or left something open. */
function brokenFiles({ testResults }: TestReport): number {
  return testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length;
}
