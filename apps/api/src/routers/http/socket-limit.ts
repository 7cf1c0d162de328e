import type { Server } from 'node:http';
import { addressKey } from '@friday/realtime';

/**
 * Bounds how many connections one address (IPv6: one /64) may hold open, of whatever kind: those that only wait, and those kept alive
 * after a request, are seen by no other limit. One too many is closed without an answer.
 */
export function limitSockets(server: Server, perAddress: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const key = addressKey(socket.remoteAddress ?? '');
    const count = (open.get(key) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(key, count);
    socket.once('close', () => {
      const left = (open.get(key) ?? 0) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  });
}
