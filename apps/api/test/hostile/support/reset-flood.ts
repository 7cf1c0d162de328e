/** Connections that are reset as soon as they are made, a few at a time, without end. */
import { once } from 'node:events';
import { connect } from 'node:net';

const AT_ONCE = 4;

export interface ResetFlood {
  /** Connections so far. */
  readonly made: number;
  /** Resolves once there are no more. */
  stop(): Promise<void>;
}

/** @param localAddress where they come from. */
export function startFlood(url: string, localAddress: string): ResetFlood {
  const { hostname: host, port } = new URL(url);
  let made = 0;
  let stopped = false;
  const knockOn = async () => {
    while (!stopped) {
      const socket = connect({ host, port: Number(port), localAddress });
      // The server may have refused it before it knew.
      await once(socket, 'connect').catch(() => undefined);
      made += 1;
      socket.resetAndDestroy();
    }
  };
  const all = Promise.all(Array.from({ length: AT_ONCE }, knockOn));
  const stop = async () => {
    stopped = true;
    await all;
  };
  return {
    get made() {
      return made;
    },
    stop,
  };
}
