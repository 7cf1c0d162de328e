import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FridayProcess, StartRefused, startFridayProcess } from '../../../../test/support/friday-process.ts';
import { type Request, requestsTo } from './rest.ts';

/** Variables of a server's environment, by name. */
export type Settings = Readonly<Record<string, string>>;

/** A server process, with requests to it. */
export interface Server extends FridayProcess {
  readonly request: Request;
}

/** A data folder, and the server processes that run on it, one after the other. */
export class ServerHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'friday-e2e-'));
  readonly #started: Server[] = [];

  /** The database file, for those who look at it from outside. */
  get database(): string {
    return join(this.folder, 'friday.db');
  }

  /** Starts one, and resolves when it listens. @throws StartRefused when it ends before. */
  async start(settings: Settings = {}): Promise<Server> {
    const started = await startFridayProcess({ FRIDAY_DATA_DIR: this.folder, ...settings });
    const server = { ...started, request: requestsTo(started.url) };
    this.#started.push(server);
    return server;
  }

  /** Starts one that is expected to refuse. @throws Error when it listens. */
  async refusal(settings: Settings = {}): Promise<StartRefused> {
    try {
      await this.start(settings);
    } catch (error) {
      if (error instanceof StartRefused) return error;
      throw error;
    }
    throw new Error('The server should have refused to start.');
  }

  /** Kills what still runs. */
  async killAll(): Promise<void> {
    await Promise.all(this.#started.map((server) => server.kill()));
  }

  /** Kills what still runs, and removes the data. */
  async end(): Promise<void> {
    await this.killAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
