/** Connections that come and go. */
import type { ConnectOrder, User } from './clients.ts';
import { SocketClient } from './socket-client.ts';

export type ChurnOrder = Pick<ConnectOrder, 'port' | 'count' | 'atOnce' | 'users' | 'addresses'>;

export interface ChurnReport {
  readonly tookMs: number;
  /** Connections that were not opened, or did not end. */
  readonly failed: number;
}

/** Opens and ends connections to Friday, so many at a time: every other one is closed in good order, the rest are cut. */
export async function churn({ port, count, atOnce, users, addresses }: ChurnOrder): Promise<ChurnReport> {
  const start = performance.now();
  let next = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const user: User = users[index % users.length] ?? { token: '' };
      const client = new SocketClient({ port, localAddress: addresses[index % addresses.length] ?? '127.0.0.1', ...user });
      try {
        await client.live;
      } catch {
        failed++;
      }
      if (index % 2 === 0) client.close();
      else client.cut();
      await client.ended;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { tookMs: performance.now() - start, failed };
}
