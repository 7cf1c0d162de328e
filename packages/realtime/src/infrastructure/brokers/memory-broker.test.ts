import { expect, test } from 'vitest';
import { MemoryBroker } from './memory-broker.ts';

test('the broker of a single node is always there and has nobody to tell', async () => {
  const broker = new MemoryBroker();
  expect(broker.subscribe()).toBeUndefined();
  expect(broker.publish()).toBeUndefined();
  expect(await broker.ready()).toBe(true);
  await expect(broker.close()).resolves.toBeUndefined();
});
