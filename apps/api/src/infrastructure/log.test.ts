import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Logs in a process of its own, because the log goes to standard output. */
function logged(level: string, statements: string): Record<string, unknown>[] {
  const path = JSON.stringify(join(import.meta.dirname, 'log.ts'));
  const script = `import { createLog } from ${path}; const log = createLog('${level}'); ${statements}`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('lines are JSON with level, time and fields, and nothing is lost at the end', () => {
  const lines = logged('info', "for (let i = 0; i < 1000; i += 1) log.info({ i }, 'line'); log.debug({}, 'not this');");
  expect(lines).toHaveLength(1000);
  expect(lines[999]).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), i: 999, msg: 'line' });
});

test('secrets are struck out', () => {
  const lines = logged(
    'info',
    "log.info({ token: 'hush', body: 'hush', headers: { authorization: 'hush' }, req: { headers: { authorization: 'hush' } } }, 'x');",
  );
  expect(JSON.stringify(lines)).not.toContain('hush');
  expect(lines).toMatchObject([{ token: '[secret]' }]);
});

test('silent says nothing', () => {
  expect(logged('silent', "log.error({}, 'x');")).toEqual([]);
});
