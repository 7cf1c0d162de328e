import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FridayProcess,
  type StartOptions,
  StartRefused,
  startFridayProcess,
} from '../../../../test/support/friday-process.ts';
import { PROXIES, type ProxyName, type RunningProxy, startProxy } from '../proxy/support/proxy.ts';
import { type Request, requestsTo } from './rest.ts';

/** Variables of a server's environment, by name. */
export type Settings = Readonly<Record<string, string>>;

/** A server process, with requests to it. Where a proxy stands in front, `url` and requests are the proxy's. */
export interface Server extends FridayProcess {
  readonly request: Request;
  /** Where the process itself listens. */
  readonly ownUrl: string;
  readonly proxy: RunningProxy | undefined;
}

/**
 * A data folder, and the server processes that run on it, one after the other. Each has a proxy in front where FRIDAY_TEST_PROXY names
 * one, so that `FRIDAY_TEST_PROXY=nginx npx vitest run apps/api/test/e2e` tests what clients see through it.
 */
export class ServerHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'friday-e2e-'));
  readonly #started: FridayProcess[] = [];
  readonly #proxies: RunningProxy[] = [];
  readonly #proxy: ProxyName | undefined;

  constructor(proxy = process.env['FRIDAY_TEST_PROXY']) {
    this.#proxy = PROXIES.find((name) => name === proxy);
  }

  /** The database file, for those who look at it from outside. */
  get database(): string {
    return join(this.folder, 'friday.db');
  }

  /** Starts one, and resolves when it listens. @throws StartRefused when it ends before. */
  async start(settings: Settings = {}, options: StartOptions = {}): Promise<Server> {
    const trust: Settings = this.#proxy ? { FRIDAY_TRUSTED_PROXIES: '1' } : {};
    const started = await startFridayProcess({ FRIDAY_DATA_DIR: this.folder, ...trust, ...settings }, options);
    this.#started.push(started);
    const proxy = this.#proxy && (await startProxy(this.#proxy, this.folder, started.url));
    if (proxy) this.#proxies.push(proxy);
    const url = proxy?.url ?? started.url;
    return { ...started, url, ownUrl: started.url, proxy, request: requestsTo(url) };
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
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
