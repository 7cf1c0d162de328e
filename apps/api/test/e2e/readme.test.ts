/** The first minute of README.md, typed as it stands there: on two terminals, into the running server. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { eventually } from '../support/eventually.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
/** Where the README's server listens. This one takes a port that is free. */
const ADDRESS = 'localhost:8000';

/** A shell that is typed into. */
class Terminal {
  output = '';
  readonly #shell: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;

  constructor(variables: Readonly<Record<string, string>> = {}) {
    // What is started here is not to be measured: npm, and whatever it runs.
    const { NODE_V8_COVERAGE: _, ...env } = process.env;
    // A group of its own, so that what it started can be ended with it.
    this.#shell = spawn('bash', [], { cwd: ROOT, detached: true, env: { ...env, ...variables } });
    this.#ended = once(this.#shell, 'close');
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk;
      });
    }
  }

  type(text: string): void {
    this.#shell.stdin.write(`${text}\n`);
  }

  /** Resolves with the first match in what was printed. */
  async printed(pattern: RegExp): Promise<readonly string[]> {
    await eventually(`${pattern} in a terminal`, () => pattern.test(this.output)).catch((cause: unknown) => {
      throw new Error(`It shows: ${this.output}`, { cause });
    });
    return this.output.match(pattern) ?? [];
  }

  async close(): Promise<void> {
    process.kill(-Number(this.#shell.pid), 'SIGKILL');
    await this.#ended;
  }
}

let host: ServerHost;
let server: Server;
let terminals: Terminal[];

beforeEach(async () => {
  host = new ServerHost();
  server = await host.start();
  terminals = [];
});
afterEach(async () => {
  await Promise.all(terminals.map((terminal) => terminal.close()));
  await host.end();
});

function openTerminal(variables?: Readonly<Record<string, string>>): Terminal {
  const terminal = new Terminal(variables);
  terminals.push(terminal);
  return terminal;
}

/** The blocks of a language in the section with that heading. */
function blocks(heading: string, language: string): string[] {
  const section = readFileSync(resolve(ROOT, 'README.md'), 'utf8').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
}

test('it registers, listens, writes, and sees what it wrote', { timeout: 60_000 }, async () => {
  const { host: address, port } = readConfig({});
  expect(readFileSync(resolve(ROOT, 'README.md'), 'utf8')).toContain(`http://${address}:${port}`);
  const here = (block: string) => block.replaceAll(ADDRESS, `localhost:${new URL(server.url).port}`);
  const [register = '', listen = '', write = ''] = blocks('A first minute', 'sh').map(here);

  const first = openTerminal();
  first.type(register);
  first.type('echo "The token is $TOKEN."');
  const [, token = ''] = await first.printed(/The token is (.+)\.\n/);
  expect(token.split('.')).toHaveLength(3);

  const second = openTerminal({ TOKEN: token });
  second.type(listen);
  await second.printed(/"type":"live"/);
  first.type(write);
  await first.printed(/"message":"Note created successfully"/);
  const [announced = ''] = await second.printed(/^\{"type":"note.created".*$/m);

  const [shown = ''] = blocks('A first minute', 'json');
  const { cursor, time, ...expected } = JSON.parse(shown) as Record<string, unknown>;
  expect(JSON.parse(announced)).toEqual({ ...expected, cursor: expect.any(String), time: expect.any(String) });
  expect([typeof cursor, typeof time]).toEqual(['string', 'string']);
});
