import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { serve } from '../../src/app.ts';
import { type Environment, readConfig } from '../../src/config.ts';
import { openStorage, type Storage } from '../../src/infrastructure/database/storage.ts';
import { allMigrations } from '../../src/migrations.ts';
import { type Answer, type Registered, type Request, registerUser, requestsTo } from './rest.ts';

export type { Answer, Registered };

/** A real server on a free port, with a database in a folder of its own. */
export interface TestServer {
  readonly url: string;
  readonly storage: Storage;
  /** All that was logged. */
  log(): string;
  readonly request: Request;
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
  const request = requestsTo(friday.url);
  const log = () => lines.join('');
  return { url: friday.url, storage, log, request, register: () => registerUser(request), close };
}

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
