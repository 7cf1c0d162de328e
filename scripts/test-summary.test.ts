import { expect, test } from 'vitest';
import { summary } from './test-summary.ts';

const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 0 };
const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] };

test('counts tests', () => {
  const failed = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] };
  expect(summary({ ...report, testResults: [passed, failed] }, '')).toEqual(['5 passed, 1 failed, 2 skipped']);
});

test('counts a file that failed as a whole', () => {
  const notLoaded = { status: 'failed', assertionResults: [] };
  const leaking = { status: 'failed', assertionResults: [{ status: 'passed' }] };
  expect(summary({ ...report, testResults: [notLoaded, leaking] }, '').at(-1)).toBe('5 passed, 3 failed, 2 skipped');
});

test('names what was missing', () => {
  expect(summary({ ...report, testResults: [] }, 'nginx\nnginx\nchromium\n').slice(0, -1)).toEqual([
    'Skipped, because nginx is not there: tests of 2 files.',
    'Skipped, because chromium is not there: tests of 1 file.',
  ]);
});

test('says so when there is no report', () => {
  expect(summary(undefined, '').at(-1)).toBe('0 passed, 1 failed, 0 skipped');
});
