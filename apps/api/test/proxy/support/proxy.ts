/** A real reverse proxy in front of a server, with the configuration that this repository ships. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { needs } from '../../../../../test/support/needs.ts';
import { caddyCommand } from './caddy.ts';
import { certificateIn } from './certificate.ts';
import { nginxCommand } from './nginx.ts';
import type { Place } from './place.ts';

export const PROXIES = ['nginx', 'caddy'] as const;
export type ProxyName = (typeof PROXIES)[number];

export interface RunningProxy {
  /** Such as `https://localhost:40123`. */
  readonly url: string;
  /** Where it listens without TLS, if it does. */
  readonly plainUrl: string;
  log(): string;
  /** Ends it at once; resolves when it is gone. */
  stop(): Promise<void>;
}

const COMMANDS = { nginx: nginxCommand, caddy: caddyCommand };
const START_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 10;
/** Between the choice of a port and its use somebody else may take it. */
const ATTEMPTS = 3;

/** Whether the tests of this proxy can be run here; see `needs`. */
export function hasProxy(name: ProxyName): boolean {
  return [needs(name), needs('openssl')].every((path) => path !== undefined);
}

/**
 * Starts one, and resolves when it accepts connections.
 * @param folder for its files, and for the certificate that all proxies of one folder share.
 * @param serverUrl the server behind it.
 */
export async function startProxy(name: ProxyName, folder: string, serverUrl: string): Promise<RunningProxy> {
  const certificate = certificateIn(folder);
  const upstream = new URL(serverUrl).host;
  for (let attempt = 1; ; attempt += 1) {
    const ports = { tls: await freePort(), plain: await freePort() };
    const own = mkdtempSync(join(folder, `${name}-`));
    try {
      return await run(name, { folder: own, ports, upstream, certificate });
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function run(name: ProxyName, place: Place): Promise<RunningProxy> {
  const command = COMMANDS[name](place);
  const env = { PATH: process.env['PATH'], HOME: place.folder, XDG_DATA_HOME: place.folder, XDG_CONFIG_HOME: place.folder };
  const child = spawn(needs(name) ?? name, command.args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const gone = once(child, 'close');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  await accepting(child, place.ports.tls).catch(async (cause: unknown) => {
    await stop();
    throw new Error(`${name} does not start: ${said}${command.log()}`, { cause });
  });
  const { tls, plain } = place.ports;
  const log = () => said + command.log();
  return { url: `https://localhost:${tls}`, plainUrl: `http://localhost:${plain}`, log, stop };
}

/** Resolves once TLS is spoken at this port of loopback: a stranger who took it meanwhile, another test's server, speaks none. */
async function accepting(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + START_WITHIN_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`Nothing listens at ${port}.`);
    await pause(LOOK_EVERY_MS);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false }, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('secureConnect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A port of loopback has a number.');
  return address.port;
}
