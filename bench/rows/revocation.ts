/** A revoked user's sockets: from the request's sending to the last close, over 100 trials. */

import { SocketClient } from '../load/socket-client.ts';
import { inBatches, userName } from '../support/batches.ts';
import { startFriday } from '../support/friday.ts';
import { percentile } from '../support/percentile.ts';
import { bearer, Rest } from '../support/rest.ts';
import type { Measured } from '../support/table.ts';

const TRIALS = 100;
const SOCKETS = 3;
const REVOKED = 4003;

/** @param trials how many users are revoked, one after the other. */
export async function revocation(trials = TRIALS): Promise<Measured> {
  const friday = await startFriday();
  const rest = new Rest(friday.port, 4);
  try {
    const samples = await inBatches(trials, 1, (trial) => closeAll(rest, friday.port, userName(trial)));
    const rows = [
      { what: "revocation: a user's sockets closed, p50", value: percentile(samples, 0.5), unit: 'ms' },
      { what: "revocation: a user's sockets closed, p99", value: percentile(samples, 0.99), unit: 'ms', target: 1_000 },
    ];
    return { rows, raw: samples };
  } finally {
    rest.close();
    await friday.stop();
  }
}

async function closeAll(rest: Rest, port: number, name: string): Promise<number> {
  const token = await rest.newUser(name);
  const sockets = Array.from({ length: SOCKETS }, () => new SocketClient({ port, token }));
  await Promise.all(sockets.map(({ live }) => live));
  const start = performance.now();
  await rest.post('/v1/auth/logout-everywhere', {}, bearer(token));
  const ends = await Promise.all(sockets.map(({ ended }) => ended));
  if (sockets.some(({ closeCode }) => closeCode !== REVOKED)) throw new Error('A socket did not close with 4003.');
  return Math.max(...ends) - start;
}
