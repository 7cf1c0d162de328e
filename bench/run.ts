/**
 * `npm run bench [-- NAME …]`: runs the measurements, each beside Socket.IO 4 where that has the like, and prints a table. The figures,
 * what they were made of, and plots go to bench/results; with `--publish`, tables and plots go into docs/performance.md too.
 */
import { parseArgs } from 'node:util';
import { ROWS } from './rows.ts';
import { keep, keepRun, type Outcome, publish } from './support/publish.ts';
import { renderTable } from './support/table.ts';

async function measure(name: string): Promise<Outcome> {
  const row = ROWS[name];
  if (!row) throw new Error(`There is no measurement named ${name}; there are: ${Object.keys(ROWS).join(', ')}.`);
  const start = performance.now();
  const measured = await row();
  const outcome = { name, measured, seconds: (performance.now() - start) / 1000 };
  await keep(outcome);
  process.stdout.write(`\n${name} (${outcome.seconds.toFixed(0)} s)\n${renderTable(measured.rows)}`);
  return outcome;
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { publish: { type: 'boolean', default: false } } });
// Some of the tables beside others of another day would be taken for one run.
if (values.publish && positionals.length > 0) throw new Error('Only a whole run is published.');
const date = new Date();
const outcomes: Outcome[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(ROWS)) outcomes.push(await measure(name));
process.stdout.write(`\nbench/results/${await keepRun(outcomes, date)}\n`);
if (values.publish) await publish(outcomes, date);
