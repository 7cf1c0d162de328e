/** A server that cannot serve rightly does not start: it says why in one line, and ends. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type Setting, settingsByVariable } from '../../src/settings.ts';
import { ServerHost } from '../support/server-host.ts';

const host = new ServerHost();
afterAll(() => host.end());

/** A text that no setting with rules takes. */
const NONSENSE = 'swordfish, of course';

interface Wrong {
  readonly variable: string;
  readonly value: string;
  readonly allowed: string;
  readonly secret: boolean;
}

const wrong = Object.entries(settingsByVariable()).flatMap(([variable, setting]) => wrongValue(variable, setting) ?? []);

function wrongValue(variable: string, setting: Setting): Wrong | undefined {
  const common = { variable, value: NONSENSE, secret: false };
  if (setting.type === 'integer') return { ...common, value: String(setting.max + 1), allowed: `to ${setting.max}` };
  if (setting.type === 'choice') return { ...common, allowed: setting.allowed.join(', ') };
  return setting.fault && { ...common, allowed: setting.allowed, secret: setting.secret === true };
}

// Starting a process for each would take long, and show no more: what the process makes of such an error has its own tests.
test.for(wrong)('$variable=$value is refused in one line that says what is allowed', ({ variable, value, allowed, secret }) => {
  const read = () => readConfig({ [variable]: value });
  expect(read).toThrow(new RegExp(`^${variable} .+; allowed: .+\\.$`));
  expect(read).toThrow(allowed);
  if (secret) expect(read).not.toThrow('swordfish');
});

test('a database that a newer version has written', async () => {
  const server = await host.start();
  expect(await server.stop()).toBe(0);
  const file = new DatabaseSync(host.database);
  file.prepare('INSERT INTO schema_migrations (id, name, applied_at) VALUES (?, ?, ?)').run(9999, 'from-the-future', '');
  file.close();
  const { exitCode, said } = await host.refusal();
  expect(exitCode).toBe(1);
  expect(said).toBe(
    'friday: The database is newer than this program: it has step 9999, from-the-future. Start a newer version.\n',
  );
});

test.each([
  ['its folder cannot be made', 'a-file/data', /cannot be opened: .*ENOTDIR/],
  ['a folder is in its place', 'a-folder', /cannot be opened: .*directory|cannot be opened: unable to open/],
  ['it is something else', 'no-database', /cannot be opened: file is not a database/],
])('a database where %s', async (_case, folder, expected) => {
  writeFileSync(join(host.folder, 'a-file'), '');
  mkdirSync(join(host.folder, 'a-folder/friday.db'), { recursive: true });
  mkdirSync(join(host.folder, 'no-database'), { recursive: true });
  writeFileSync(join(host.folder, 'no-database/friday.db'), 'This is a letter. '.repeat(100));
  const { exitCode, said } = await host.refusal({ FRIDAY_DATA_DIR: join(host.folder, folder) });
  expect(exitCode).toBe(1);
  expect(said).toMatch(/^friday: The database [^\n]+\n$/);
  expect(said).toContain(join(host.folder, folder, 'friday.db'));
  expect(said).toMatch(expected);
});
