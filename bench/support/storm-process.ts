/** The storm: in a process of its own and of low priority, so that it does not keep those who measure from measuring. */
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { STORM_CLIENTS, type StormOrder, type StormReport } from '../rows/storm.ts';
import { SocketClient } from './socket-client.ts';

/** Source: nice(1). */
const LOWEST_PRIORITY = 19;

setPriority(LOWEST_PRIORITY);
const [order] = await once(process, 'message');
const { port, users }: StormOrder = order;
const start = performance.now();
const clients = Array.from({ length: STORM_CLIENTS }, (_, index) => {
  const user = users[index % users.length];
  if (!user) throw new Error('There are no users.');
  return new SocketClient({ port, localAddress: `127.0.0.${2 + (index % 4)}`, ...user });
});
await Promise.all(clients.map(({ live }) => live));
const report: StormReport = {
  tookMs: performance.now() - start,
  liveAfterMs: clients.map(({ liveAfterMs }) => liveAfterMs),
  missing: clients.reduce((sum, { notifications }) => sum + 10 - notifications, 0),
};
// The connections stay until the process is ended: what closing 5,000 at once costs is another question.
process.send?.(report);
