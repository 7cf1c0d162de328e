/** What an operator may set: times and limits, each with its default, unit and bounds. Hosts derive their option names from it. */

interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly description: string;
}

export const REALTIME_SETTINGS = {
  heartbeatSeconds: {
    default: 25,
    min: 1,
    max: 3600,
    unit: 's',
    description:
      'Silence after which a heartbeat and a ping go out (P16); a peer that answers none for two intervals is dropped.',
  },
  authTimeoutSeconds: {
    default: 5,
    min: 1,
    max: 300,
    unit: 's',
    description: 'Time for the first frame of a connection that brought no token (P2).',
  },
  tokenExpiringSeconds: {
    default: 60,
    min: 0,
    max: 3600,
    unit: 's',
    description: 'Notice before a token ends (P19).',
  },
  slowReaderSeconds: {
    default: 60,
    min: 1,
    max: 3600,
    unit: 's',
    description: 'Time in which a peer must read what it was sent, before it is closed as too slow (P22).',
  },
  windowBytes: {
    default: 256 * 1024,
    min: 64 * 1024,
    max: 16 * 1024 * 1024,
    unit: 'bytes',
    description: 'Bytes in flight to one connection before it must answer a ping (P22).',
  },
  frameCacheBytes: {
    default: 32 * 1024 * 1024,
    min: 1024 * 1024,
    max: 4 * 1024 * 1024 * 1024,
    unit: 'bytes',
    description: 'Memory for recent and replayed frames, of all channels together (I5).',
  },
  maxConnections: {
    default: 15_000,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    description: 'Connections in all; a further one gets 503 `over_capacity`.',
  },
  maxUnauthenticatedConnections: {
    default: 1_000,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    description: 'Connections that have not proved who they are (P5); a further one gets 503 `over_capacity`.',
  },
  maxConnectionsPerUser: {
    default: 100,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    description: 'Connections of one user; a further one gets 429 `too_many_connections`, or close code 4101.',
  },
  maxConnectionsPerAddress: {
    default: 500,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    description: 'Connections from one address (IPv6: one /64); a further one gets 429 `too_many_connections`.',
  },
  handshakesPerAddressPerMinute: {
    default: 600,
    min: 0,
    max: 1_000_000,
    unit: 'handshakes',
    description: 'Connection attempts from one address, all of a minute at once if need be; 0 sets no limit.',
  },
  framesPerConnectionPerMinute: {
    default: 120,
    min: 0,
    max: 1_000_000,
    unit: 'frames',
    description: 'Frames that a client may send on one connection, all of a minute at once if need be; 0 sets no limit.',
  },
  handshakesUnderway: {
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'handshakes',
    description: 'Handshakes and authentications that are looked at at once; the rest wait in order.',
  },
  handshakesWaiting: {
    default: 10_000,
    min: 0,
    max: 1_000_000,
    unit: 'handshakes',
    description: 'Handshakes and authentications that may wait; a further one gets 503 `over_capacity`.',
  },
  admissionSeconds: {
    default: 10,
    min: 1,
    max: 300,
    unit: 's',
    description: 'Time that a handshake, or a read of missed notifications, may wait for its turn; then `over_capacity`.',
  },
  drainSeconds: {
    default: 5,
    min: 0,
    max: 300,
    unit: 's',
    description: 'Time over which the closing of connections is spread when the server stops (P21).',
  },
  trustedProxies: {
    default: 0,
    min: 0,
    max: 10,
    unit: 'hops',
    description: 'Proxies in front of the server, whose `X-Forwarded-For` is believed; 0 ignores the header.',
  },
  reconcileSeconds: {
    default: 5,
    min: 1,
    max: 60,
    unit: 's',
    description: 'Pause between two looks at the channels that changed lately, for wake-ups that were lost (I4).',
  },
} as const satisfies Record<string, Setting>;

/** A value for each of {@link REALTIME_SETTINGS}. */
export type RealtimeSettings = { readonly [Name in keyof typeof REALTIME_SETTINGS]: number };

/** The defaults, with what is given in their place. */
export function realtimeSettings(given: Partial<RealtimeSettings> = {}): RealtimeSettings {
  const entries = Object.entries(REALTIME_SETTINGS).map(([name, setting]) => [name, setting.default]);
  return { ...(Object.fromEntries(entries) as RealtimeSettings), ...given };
}
