/** The example, a service that is not Friday, as a process of its own that is killed while it works. */
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Notification } from '@friday/protocol';
import { expect, test, vi } from 'vitest';
import { type Client, connect } from './support/client.ts';
import { temporaryDatabase } from './support/files.ts';
import { type Program, startProgram } from './support/program.ts';

const SERVER = resolve(import.meta.dirname, '../../../examples/orders/server.ts');
const TOKEN = 'token-of-ann';

// Processes are started, and a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

interface Shop extends Program {
  readonly port: number;
}

async function openShop(file: string): Promise<Shop> {
  const program = await startProgram(SERVER, { ORDERS_FILE: file, PORT: '0' });
  return { ...program, port: JSON.parse(program.firstLine).port };
}

/** Places an order. @returns its number. Rejects when the shop is not there, or goes away before it has answered. */
async function order({ port }: Shop, item: string, token = TOKEN): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: item });
  if (response.status !== 201) throw new Error(`The shop answered ${response.status}.`);
  const placed: { readonly id: number } = JSON.parse(await response.text());
  return placed.id;
}

function orderOf({ data }: Notification): unknown {
  return typeof data === 'object' && data !== null && 'id' in data ? data.id : undefined;
}

async function resume(shop: Shop, cursor: string): Promise<Client> {
  const client = await connect(shop);
  client.send({ type: 'authenticate', token: TOKEN, cursor });
  expect(await client.expect('connected')).toMatchObject({ resumed: true });
  return client;
}

test('an order reaches its customer, and nobody else', async () => {
  const shop = await openShop(temporaryDatabase());
  const [ann, bob] = [await connect(shop, { token: TOKEN }), await connect(shop, { token: 'token-of-bob' })];
  for (const client of [ann, bob]) {
    await client.expect('connected');
    await client.expect('live');
  }
  const id = await order(shop, 'tea');
  expect(await ann.notifications(1)).toMatchObject([{ type: 'order.created', data: { id } }]);
  await bob.roundTrip();
  await expect(order(shop, 'tea', 'of nobody')).rejects.toThrow('401');
});

test('[P10][P9] a hundred orders while the customer is away and the shop is killed: each that was taken is announced once, in order', async () => {
  const file = temporaryDatabase();
  const first = await openShop(file);
  const before = await connect(first, { token: TOKEN });
  const { cursor } = await before.expect('connected');
  before.socket.terminate();

  const taken: number[] = [];
  /** Places the `count` orders, a few at a time. @returns whether the shop was there to the end. */
  const place = async (shop: Shop, count: number): Promise<boolean> => {
    let left = count;
    const customer = async () => {
      while (left > 0) {
        left--;
        taken.push(await order(shop, 'tea'));
        if (taken.length === 50) await shop.kill();
      }
    };
    const ends = await Promise.allSettled([customer(), customer(), customer(), customer()]);
    return ends.every(({ status }) => status === 'fulfilled');
  };
  expect(await place(first, 100)).toBe(false);
  expect(taken.length).toBeGreaterThanOrEqual(50);

  const second = await openShop(file);
  expect(await place(second, 100 - taken.length)).toBe(true);
  const after = await resume(second, cursor);
  const orders = new DatabaseSync(file, { readOnly: true });
  const written = orders
    .prepare('SELECT id FROM orders ORDER BY id')
    .all()
    .map(({ id }) => id);
  orders.close();
  const announced = await after.notifications(written.length);
  await after.expect('live');
  await after.roundTrip();

  expect(announced.map(({ seq }) => seq)).toEqual(written.map((_, index) => index + 1));
  expect(announced.map(orderOf)).toEqual(written);
  expect(taken.filter((id) => !written.includes(id))).toEqual([]);
  expect(new Set(taken).size).toBe(taken.length);
  expect(taken.length).toBeGreaterThanOrEqual(100);
});

test('[I8] a second process does not start on the same file; after kill -9 the next one does', async () => {
  const file = temporaryDatabase();
  const shop = await openShop(file);
  await expect(openShop(file)).rejects.toThrow('Another process serves');
  await shop.kill();
  const next = await openShop(file);
  expect(await order(next, 'tea')).toBe(1);
});
