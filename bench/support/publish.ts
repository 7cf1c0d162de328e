/** Results as files: raw data and plots for those who look closer, and what the documents show. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { type Measured, renderMarkdown } from './table.ts';

const RESULTS = new URL('../results/', import.meta.url);
const FIGURES = new URL('../../docs/figures/', import.meta.url);
const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const BEGIN = '<!-- measured: begin -->\n';
const END = '<!-- measured: end -->';
const GIB = 1024 ** 3;

/** What one measurement gave. */
export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly measured: Measured;
}

/** Writes the plots of a measurement and all its data to bench/results. */
export async function keep({ name, measured }: Outcome): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify(measured, plainArrays)}\n`);
  await writePlots(RESULTS, measured);
}

/** Writes one file with the rows of all measurements of a run, named by its time. @returns its name. */
export async function keepRun(outcomes: readonly Outcome[], date: Date): Promise<string> {
  const name = `${date.toISOString().slice(0, 19).replaceAll(':', '-')}.json`;
  const rows = Object.fromEntries(outcomes.map(({ name: key, seconds, measured }) => [key, { seconds, rows: measured.rows }]));
  await writeFile(new URL(name, RESULTS), `${JSON.stringify({ machine: machine(), rows }, undefined, 2)}\n`);
  return name;
}

/** Puts the tables into docs/performance.md between its two marks, and the plots beside it. */
export async function publish(outcomes: readonly Outcome[], date: Date): Promise<void> {
  await mkdir(FIGURES, { recursive: true });
  for (const { measured } of outcomes) await writePlots(FIGURES, measured);
  const text = await readFile(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  if (from < BEGIN.length || to < from)
    throw new Error('docs/performance.md has lost the marks between which the figures stand.');
  const tables = outcomes.map(({ name, seconds, measured: { rows } }) => {
    return `### ${name}\n\n\`npm run bench -- ${name}\`, ${Math.round(seconds)} s\n\n${renderMarkdown(rows)}`;
  });
  const head = `Measured on ${date.toISOString().slice(0, 10)}: ${machine()}.\n`;
  await writeFile(DOCUMENT, `${text.slice(0, from)}\n${[head, ...tables].join('\n')}\n${text.slice(to)}`);
}

async function writePlots(folder: URL, { plots = {} }: Measured): Promise<void> {
  for (const [name, svg] of Object.entries(plots)) await writeFile(new URL(`${name}.svg`, folder), svg);
}

/** JSON knows no typed arrays. */
function plainArrays(_key: string, value: unknown): unknown {
  return value instanceof Float64Array ? Array.from(value) : value;
}

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / GIB);
  return `${cpus().length} × ${first?.model.trim()}, ${memory} GiB, Linux ${release()}, Node ${process.version}`;
}
