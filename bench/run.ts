/** `npm run bench [-- NAME …]`: runs the measurements, prints a table, and writes the raw data as JSON to bench/results. */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { commitToSocket } from './rows/commit-to-socket.ts';
import { revocation } from './rows/revocation.ts';
import { slowReaders } from './rows/slow-readers.ts';
import { storm } from './rows/storm.ts';
import { tracing } from './rows/tracing.ts';
import { type Row, renderTable } from './support/table.ts';

const ROWS: Readonly<Record<string, () => Promise<Row[]>>> = {
  'commit-to-socket': commitToSocket,
  'slow-readers': slowReaders,
  storm,
  revocation,
  tracing,
};

const { positionals } = parseArgs({ allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(ROWS);
const results = new URL('results/', import.meta.url);
await mkdir(results, { recursive: true });
for (const name of names) {
  const measure = ROWS[name];
  if (!measure) throw new Error(`There is no measurement named ${name}; there are: ${Object.keys(ROWS).join(', ')}.`);
  const rows = await measure();
  await writeFile(new URL(`${name}.json`, results), `${JSON.stringify(rows, undefined, 2)}\n`);
  process.stdout.write(renderTable(rows));
}
