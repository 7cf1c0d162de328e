/** The storm: in a thread of its own, so that it does not delay those who measure. */
import { parentPort, workerData } from 'node:worker_threads';
import { STORM_CLIENTS, type StormOrder, type StormReport } from '../rows/storm.ts';
import { SocketClient } from './socket-client.ts';

const { port, users }: StormOrder = workerData;
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
// The connections stay until the thread is ended: what closing 5,000 at once costs is another question.
parentPort?.postMessage(report);
