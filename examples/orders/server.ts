/** Orders: a service that tells each customer of every order, live. Nothing is lost through `kill -9`. Run: `node server.ts` */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { openSqliteRealtime, RealtimeError, userChannel, WebSocketMessage } from '@friday/realtime';

const CUSTOMERS = new Map([
  ['token-of-ann', 'ann'],
  ['token-of-bob', 'bob'],
]);
function authenticate(token = '') {
  const userId = CUSTOMERS.get(token);
  if (userId === undefined) throw new RealtimeError('unauthenticated');
  return { userId, channels: [userChannel(userId)], expiresAt: Date.now() + 3_600_000 };
}

const shop = openSqliteRealtime({ path: process.env['ORDERS_FILE'] ?? 'orders.db', authenticator: { authenticate } });
const TABLE = 'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, item TEXT NOT NULL)';
await shop.transaction((_tx, sql) => sql.run(TABLE));

function placeOrder(customer: string, item: string) {
  return shop.transaction((tx, sql) => {
    const [order] = sql.all<{ id: number }>('INSERT INTO orders (customer, item) VALUES (?, ?) RETURNING id', [customer, item]);
    shop.service.notify(tx, customer, new WebSocketMessage({ type: 'order.created', data: { id: order?.id } }));
    return { id: order?.id, item };
  });
}

const server = createServer(async (request, response) => {
  try {
    const { userId } = authenticate(request.headers.authorization?.replace('Bearer ', ''));
    const order = await placeOrder(userId, await text(request));
    response.writeHead(201).end(JSON.stringify(order));
  } catch (error) {
    response.writeHead(error instanceof RealtimeError ? 401 : 500).end(String(error));
  }
});
shop.attach(server);
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => console.log(JSON.stringify(server.address())));
