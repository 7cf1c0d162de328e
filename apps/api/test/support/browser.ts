import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a browser made of a page. */
export interface LoadedPage {
  /** The document after its scripts ran, as HTML. */
  readonly dom: string;
  /** Lines of the console, such as errors of scripts and of the content security policy. */
  readonly console: readonly string[];
}

/** Milliseconds of the page's own clock, which runs as fast as the page lets it. */
const PAGE_TIME_MS = 20_000;
const DEADLINE_MS = 60_000;

const run = promisify(execFile);

/** Loads a page in Chromium without a window. @param profile a folder for it to keep its things in. */
export async function loadPage(chromium: string, profile: string, url: string): Promise<LoadedPage> {
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', `--user-data-dir=${profile}`];
  const { stdout, stderr } = await run(chromium, [...options, `--virtual-time-budget=${PAGE_TIME_MS}`, '--dump-dom', url], {
    timeout: DEADLINE_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { dom: stdout, console: stderr.split('\n').filter((line) => line.includes(':CONSOLE:')) };
}
