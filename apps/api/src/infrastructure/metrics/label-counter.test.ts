import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { seriesKey } from './bucket-histogram.ts';
import { LabelCounter } from './label-counter.ts';

function setUp(start: readonly string[]): { registry: Registry; counter: LabelCounter } {
  const registry = new Registry();
  const counter = new LabelCounter({ registry, name: 'friday_test_total', help: 'A test.', labels: ['code', 'by'], start });
  return { registry, counter };
}

test('what is known beforehand begins with 0, and each scrape has the sum so far', async () => {
  const { registry, counter } = setUp([seriesKey(1000, 'peer')]);
  expect(await registry.metrics()).toContain('friday_test_total{code="1000",by="peer"} 0');
  counter.add(seriesKey(1000, 'peer'));
  counter.add(seriesKey(1000, 'peer'), 2);
  await registry.metrics();
  expect(await registry.metrics()).toContain('friday_test_total{code="1000",by="peer"} 3');
});

test('what others choose makes series up to a number, and is counted as other beyond', async () => {
  const { registry, counter } = setUp([]);
  for (let code = 0; code < 1_000; code++) counter.add(seriesKey(code, 'peer'));
  const text = await registry.metrics();
  expect(text.match(/^friday_test_total/gm)?.length).toBe(201);
  expect(text).toContain('friday_test_total{code="other",by="other"} 800');
});
