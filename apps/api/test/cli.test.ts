/** The command line itself: help, what cannot be read, settings, and a database that is not as it should be. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { COMMANDS } from '../src/cli/commands.ts';
import { FINDING_CODES } from '../src/cli/database/damage.ts';
import { EXIT, EXIT_OF } from '../src/cli/faults.ts';
import { type Ending, runCommand } from '../src/cli/run.ts';
import { openStorage } from '../src/infrastructure/database/storage.ts';
import { allMigrations } from '../src/migrations.ts';
import { friday } from './support/command.ts';

const BIN = new URL(`../${packageJson.bin.friday}`, import.meta.url).pathname;

let template: string;
let folder: string;
let database: string;

beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), 'friday-template-'));
  openStorage(join(template, 'friday.db'), allMigrations()).close();
});
afterAll(() => rmSync(template, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'friday-cli-'));
  database = join(folder, 'friday.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): Promise<Ending> {
  return runCommand(args, { FRIDAY_DATA_DIR: folder });
}

/** What `--json` prints. */
async function ranJson(...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await run(...args, '--json')).out);
}

/** Makes the database, and changes it. */
function given(sql = ''): void {
  copyFileSync(join(template, 'friday.db'), database);
  const session = new DatabaseSync(database);
  session.exec(sql);
  session.close();
}

test('help names every command, and each has help of its own', async () => {
  const all = await run('--help');
  expect([all.exitCode, all.err]).toEqual([0, '']);
  for (const { name, args, summary, details } of COMMANDS) {
    for (const line of details.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(all.out).toContain([name, ...args].join(' '));
    expect(all.out).toContain(summary);
  }
  const one = await run('user', 'add', '-h');
  expect(one).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^Usage: friday user add NAME \[--json\]\n\nMake a user/),
  });
  expect(await ranJson('backup', '--help')).toEqual({ help: expect.stringContaining('friday backup FILE') });
});

test('without a command it shows the help, and is not content', async () => {
  expect(await run()).toMatchObject({ exitCode: 2, out: expect.stringContaining('Usage: friday COMMAND'), err: '' });
});

test('it knows its version, also as the program that is installed', async () => {
  const installed = await friday(['--version'], {}, { program: [process.execPath, '--conditions=source', BIN], cwd: folder });
  expect(installed).toEqual({ exitCode: 0, out: `${packageJson.version}\n`, err: '' });
  expect(await ranJson('--version')).toEqual({ version: packageJson.version });
});

test.each([
  [['--loud', 'check'], "Unknown option '--loud': see friday --help."],
  [['check', '--json=yes'], "Option '--json' does not take an argument: see friday --help."],
  [['anounce', 'x'], 'There is no command anounce: did you mean announce? See friday --help.'],
  [['user', 'ad', 'ada'], 'There is no command user ad: did you mean user add? See friday --help.'],
  [['user', 'add'], 'NAME is missing: see friday user add --help.'],
  [['announce', 'We', 'move'], "'move' is one argument too many, perhaps for want of quotes: see friday announce --help."],
])('%j is refused in one line', async (args, message) => {
  expect(await run(...args)).toEqual({ exitCode: 2, out: '', err: `friday: ${message}\n` });
});

test('with --json a fault is a document on standard output, whatever it was', async () => {
  const { exitCode, out, err } = await friday(['--json', 'anounce'], {});
  expect([exitCode, err]).toEqual([2, '']);
  expect(JSON.parse(out)).toEqual({ error: { code: 'usage', message: expect.stringContaining('did you mean announce?') } });
});

test('a wrong setting is refused, and one that is none is warned of', async () => {
  const wrong = await friday(['check', '--json'], { FRIDAY_DATABASE_URL: 'postgres://db' });
  expect([wrong.exitCode, wrong.err]).toEqual([2, '']);
  expect(JSON.parse(wrong.out)).toMatchObject({ error: { code: 'setting_invalid' } });
  const unknown = await friday(['--version'], { FRIDAY_DATADIR: folder });
  expect(unknown.err).toBe('friday: FRIDAY_DATADIR is no setting: did you mean FRIDAY_DATA_DIR?\n');
});

test('where there is no database none is made', async () => {
  const { exitCode, err } = await run('user', 'list');
  expect(exitCode).toBe(1);
  expect(err).toBe(
    `friday: There is no database ${database}: start the server once, or set FRIDAY_DATA_DIR to the folder of its data.\n`,
  );
  expect(await ranJson('check')).toMatchObject({ error: { code: 'database_missing' } });
});

test.each([
  ['database_unknown', 'DROP TABLE schema_migrations', /is no database of Friday's\.$/],
  [
    'database_newer',
    "INSERT INTO schema_migrations VALUES (999, 'later', '')",
    /it has step 999, later\. Use a newer version\.$/,
  ],
  ['database_older', 'DELETE FROM schema_migrations WHERE id = 4', /is older than this program: start this version's server/],
])('%s: it is not written to', async (code, sql, message) => {
  given(sql);
  const { exitCode, out } = await run('announce', 'Hello', '--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toEqual({ error: { code, message: expect.stringMatching(message) } });
});

test('what is no database at all is named as such', async () => {
  writeFileSync(database, 'Once upon a time there was a database. '.repeat(100));
  expect(await ranJson('user', 'list')).toEqual({
    error: { code: 'database_damaged', message: expect.stringContaining('file is not a database') },
  });
});

test('a database that another program keeps busy is left alone after a while', { timeout: 30_000 }, async () => {
  given();
  const other = new DatabaseSync(database);
  other.exec('BEGIN IMMEDIATE');
  const { exitCode, out } = await friday(['announce', 'Hello', '--json'], { FRIDAY_DATA_DIR: folder });
  other.exec('ROLLBACK');
  other.close();
  expect(exitCode).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'database_busy' } });
  expect((await run('announce', 'Hello')).exitCode).toBe(0);
});

test.each([
  ['text_empty', ['announce', ' \n'], 'TEXT is empty: there is nothing to announce.'],
  ['message_too_large', ['announce', 'x'.repeat(17_000)], expect.stringContaining('16384 are allowed')],
  ['username_taken', ['user', 'add', 'ADA'], 'Username already exists'],
  ['username_invalid', ['user', 'add', 'ad'], "'ad' is no name for a user; allowed: 3 to 50 letters, digits, _ and -."],
  ['username_invalid', ['user', 'add', 'ada lovelace'], expect.stringContaining('allowed: 3 to 50')],
  ['username_first_character', ['user', 'add', '1ada'], 'Username must start with a letter'],
  ['username_reserved', ['user', 'add', 'Root'], 'This username is reserved'],
  ['user_not_found', ['user', 'remove', 'nobody'], 'There is no user nobody.'],
  ['user_not_found', ['user', 'rotate-key', 'nobody'], 'There is no user nobody.'],
])('%s: nothing is changed by %j', async (code, args, message) => {
  given();
  await run('user', 'add', 'ada');
  const { exitCode, out, err } = await run(...args);
  expect([exitCode, out, err]).toEqual([1, '', expect.stringMatching(/^friday: [^\n]+\n$/)]);
  expect(await ranJson(...args)).toEqual({ error: { code, message } });
  expect((await ranJson('user', 'list'))['users']).toHaveLength(1);
});

test('the page about the command names all commands, codes and exit codes', () => {
  const page = readFileSync(new URL('../../../docs/command.md', import.meta.url), 'utf8');
  const commands = COMMANDS.map(({ name, args }) => [name, ...args].join(' '));
  const exits = Object.values(EXIT).map((code) => `| ${code} |`);
  for (const text of [...[...commands, ...Object.keys(EXIT_OF), ...FINDING_CODES].map((code) => `\`${code}\``), ...exits]) {
    expect(page).toContain(text);
  }
});
