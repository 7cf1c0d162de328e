/**
 * `npm test`: all tests, with coverage and its threshold (vitest.config.ts). `npm test -- packages/realtime` runs the tests whose path
 * holds that text, without coverage. Ends with what was skipped and why, and a line `N passed, N failed, N skipped`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';
import { summary, type TestReport } from './test-summary.ts';

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function main(args: readonly string[]): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'friday-tests-'));
  const report = join(scratch, 'report.json');
  const missing = join(scratch, 'missing.txt');
  const coverage = args.length === 0 ? ['--coverage.enabled'] : [];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const { exitCode } = await run('vitest', ['run', ...coverage, ...reporters, ...args], {
      env: { FRIDAY_TEST_MISSING_LIST: missing },
      output: 'show',
    });
    const json = readIfThere(report);
    const lines = summary(json === undefined ? undefined : (JSON.parse(json) as TestReport), readIfThere(missing) ?? '');
    if (exitCode !== 0) lines.unshift('The tests did not pass, or cover too little.');
    console.log(`\n${lines.join('\n')}`);
    return exitCode;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
