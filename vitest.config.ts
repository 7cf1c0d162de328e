import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/{src,test}/**/*.test.ts', 'scripts/**/*.test.ts', 'test/*.test.ts'],
    setupFiles: ['test/support/leaks.ts'],
    pool: 'forks',
    execArgv: ['--conditions=source'],
    testTimeout: 20_000,
    // Node itself loads the tests and what they test, as in production. Coverage then speaks of the same text in this process and
    // in servers that tests start; with modules rewritten for the tests, the two would be counted as different code.
    experimental: { viteModuleRunner: false },
    coverage: {
      provider: 'v8',
      include: ['{packages,apps}/*/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      // NODE_V8_COVERAGE is set for child processes: one that gets this environment and is not killed outright counts too.
      autoAttachSubprocess: true,
      reporter: [['text', { skipFull: true }], 'json'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
