/** What traces cost: `POST /v1/notes` by 50 clients as fast as they go, without an SDK and with one that keeps none, some, or all. */
import { startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { bearer, Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

const CLIENTS = 50;
const WARM_UP_WRITES = 2_000;
const WRITES = 10_000;
/** Each variant so often, in turns: whatever else the machine does hits all of them. */
const ROUNDS = 5;

const SDK = { NODE_OPTIONS: '--import ./examples/tracing/tracing.mjs', TRACE_FILE: '/dev/null' };
const NO_SDK = 'without an SDK';
/** The server's environment by the name of the variant. */
const VARIANTS: ReadonlyArray<readonly [name: string, settings: Readonly<Record<string, string>>]> = [
  [NO_SDK, {}],
  ['none kept', { ...SDK, OTEL_TRACES_SAMPLER: 'always_off' }],
  ['1 % kept', { ...SDK, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }],
  ['all kept', { ...SDK, OTEL_TRACES_SAMPLER: 'always_on' }],
];

export async function tracing(): Promise<Measured> {
  const rates = new Map<string, number[]>(VARIANTS.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, settings] of VARIANTS) rates.get(name)?.push(await writesPerSecond(settings));
  }
  const median = (name: string) => percentile(rates.get(name) ?? [], 0.5);
  const rows = VARIANTS.flatMap(([name]) => [
    { what: `durable writes, traces: ${name}`, value: median(name), unit: 'writes/s' },
    ...(name === NO_SDK ? [] : [{ what: `of those without an SDK: ${name}`, value: median(name) / median(NO_SDK), unit: '×' }]),
  ]);
  return { rows, raw: [...rates] };
}

async function writesPerSecond(settings: Readonly<Record<string, string>>): Promise<number> {
  const friday = await startFriday(settings);
  const rest = new Rest(friday.port, CLIENTS);
  try {
    const headers = bearer(await rest.newUser('writer'));
    await write(rest, headers, WARM_UP_WRITES);
    const start = performance.now();
    await write(rest, headers, WRITES);
    return (WRITES / (performance.now() - start)) * 1000;
  } finally {
    rest.close();
    await friday.stop();
  }
}

/** Each client writes its next note when it has the answer to the last. */
async function write(rest: Rest, headers: Readonly<Record<string, string>>, count: number): Promise<void> {
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      await rest.post('/v1/notes', { content: 'What I saw today' }, headers);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
