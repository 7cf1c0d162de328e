import { describe, expect, test } from 'vitest';
import { hasProxy, type ProxyName } from './proxy.ts';

/** The end-to-end tests of what a proxy may spoil. The others are about starting, or speak to the process around the proxy. */
const FILES = ['note-to-socket', 'position', 'causes', 'stop', 'drain', 'backup', 'retention', 'crash', 'full-disk'];

/** Declares the end-to-end tests once more, with this proxy between the clients and each server. */
export function endToEndThrough(proxy: ProxyName): void {
  const present = hasProxy(proxy);
  process.env['FRIDAY_TEST_PROXY'] = proxy;
  for (const name of FILES) {
    describe.skipIf(!present)(`${name}, through ${proxy}`, async () => {
      if (present) await import(`../../e2e/${name}.test.ts`);
      // Loading the file would make its folder, which tests that are skipped do not remove.
      else test('all of it', () => expect(present).toBe(true));
    });
  }
}
