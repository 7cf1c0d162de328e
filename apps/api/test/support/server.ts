import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { serve } from '../../src/app.ts';
import { type Environment, readConfig } from '../../src/config.ts';
import { openStorage, type Storage } from '../../src/infrastructure/database/storage.ts';
import { allMigrations } from '../../src/migrations.ts';

/** A body as the wire has it, success or fault; tests read from it what they expect. */
export interface Body {
  readonly data: Readonly<Record<string, unknown>>;
  readonly detail: unknown;
  readonly message: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** An answer, its body as text and as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface RequestParts {
  readonly token?: string;
  /** Sent as JSON, or as it is where it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Registered {
  readonly id: string;
  readonly userSecret: string;
  readonly token: string;
}

/** A real server on a free port, with a database in a folder of its own. */
export interface TestServer {
  readonly url: string;
  readonly storage: Storage;
  /** All that was logged. */
  log(): string;
  request(method: string, path: string, parts?: RequestParts): Promise<Answer>;
  /** A new user with a token. */
  register(): Promise<Registered>;
  close(): Promise<void>;
}

/** Starts one, with rates unlimited unless the environment says otherwise. */
export async function startTestServer(environment: Environment = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'friday-'));
  const config = readConfig({ FRIDAY_PORT: '0', FRIDAY_RATE_LIMITS: 'off', FRIDAY_DATA_DIR: folder, ...environment });
  const storage = openStorage(join(folder, 'friday.db'), allMigrations());
  const lines: string[] = [];
  const friday = await serve(config, pino({ level: config.logLevel }, collect(lines)), storage);
  const close = async () => {
    await friday.close();
    rmSync(folder, { recursive: true });
  };
  const request = (method: string, path: string, parts: RequestParts = {}) => send(friday.url + path, method, parts);
  const log = () => lines.join('');
  return { url: friday.url, storage, log, request, register: () => register(request), close };
}

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}

async function send(url: string, method: string, { token, body, headers = {} }: RequestParts): Promise<Answer> {
  const asIs = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: asIs ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): Body {
  return JSON.parse(text.startsWith('{') ? text : '{}');
}

let users = 0;

async function register(request: TestServer['request']): Promise<Registered> {
  users += 1;
  const { data } = (await request('POST', '/v1/auth/register', { body: { username: `user-${users}` } })).body;
  const userSecret = String(data['user_secret']);
  const answer = await request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });
  return { id: String(data['id']), userSecret, token: String(answer.body.data['access_token']) };
}
