import type { ConnectionState, RealtimeStats } from '@friday/realtime';
import { Gauge, type Registry } from 'prom-client';
import { Readings } from './readings.ts';

/** What the notification layer is asked for at each scrape. */
export interface LayerSource {
  stats(): RealtimeStats;
}

/** Limits that the figures are read against. */
export interface LayerLimits {
  readonly maxConnections: number;
  readonly frameCacheBytes: number;
}

/** How the notification layer stands: one look at it a scrape. */
export class LayerMetrics {
  #stats: RealtimeStats | undefined;
  readonly #states: Gauge<'state' | 'transport'>;

  constructor(registry: Registry, limits: LayerLimits) {
    const readings = new Readings(registry);
    this.#states = new Gauge({
      name: 'friday_connections',
      help: 'Connections by state: unauthenticated, catching_up (before live), live, closing (a close was sent).',
      labelNames: ['state', 'transport'],
      registers: [registry],
    });
    readings.gauge('friday_connections_limit', 'Connections that this process takes.', () => limits.maxConnections);
    this.#addConnections(readings);
    this.#addWork(readings);
    this.#addCache(readings, limits.frameCacheBytes);
  }

  /** Takes the look. */
  refresh(source: LayerSource): void {
    const stats = source.stats();
    this.#stats = stats;
    for (const state of Object.keys(stats.connections) as ConnectionState[]) {
      this.#states.set({ state, transport: 'websocket' }, stats.connections[state]);
    }
  }

  #read(of: (stats: RealtimeStats) => number): () => number {
    return () => (this.#stats ? of(this.#stats) : 0);
  }

  #addConnections(readings: Readings): void {
    const gauge = (name: string, help: string, of: (stats: RealtimeStats) => number) =>
      readings.gauge(name, help, this.#read(of));
    gauge(
      'friday_connections_behind',
      'Connections that have not been sent all that is committed.',
      ({ behind }) => behind.connections,
    );
    gauge(
      'friday_connections_behind_notifications',
      'Notifications that connections have still to be sent, all together.',
      ({ behind }) => behind.notifications,
    );
    gauge(
      'friday_connections_behind_notifications_max',
      'Notifications that the connection which is furthest behind has still to be sent.',
      ({ behind }) => behind.most,
    );
    gauge(
      'friday_connections_blocked',
      'Connections whose socket takes no more: their peers do not read.',
      ({ windows }) => windows.blocked,
    );
    readings.gauges(
      'friday_windows_awaiting_pong',
      'Connections that were sent a ping and have not answered: full get nothing more before their pong, open do.',
      'window',
      () => ({ full: this.#stats?.windows.full ?? 0, open: this.#stats?.windows.pinged ?? 0 }),
    );
    gauge('friday_channels', 'Channels that somebody here follows.', ({ channels }) => channels);
  }

  #addWork(readings: Readings): void {
    readings.gauge(
      'friday_handshakes_waiting',
      'Handshakes and authentications that wait for their turn.',
      this.#read(({ handshakesWaiting }) => handshakesWaiting),
    );
    readings.gauge(
      'friday_log_reads_waiting',
      'Reads of the log that wait for their turn.',
      this.#read(({ logReadsWaiting }) => logReadsWaiting),
    );
    readings.counter(
      'friday_delivered_notifications_total',
      'Notifications that were written to connections, each counted once for each connection.',
      this.#read(({ sent }) => sent.notifications),
    );
    readings.counter(
      'friday_sent_bytes_total',
      'Bytes of WebSocket frames that were written by the pump.',
      this.#read(({ sent }) => sent.bytes),
    );
    readings.counter(
      'friday_received_frames_total',
      'Frames that clients sent, of any kind, but for the pongs that were asked for.',
      this.#read(({ receivedFrames }) => receivedFrames),
    );
  }

  #addCache(readings: Readings, limit: number): void {
    readings.gauge(
      'friday_frame_cache_bytes',
      'Memory of the cache of frames.',
      this.#read(({ cache }) => cache.bytes),
    );
    readings.gauge('friday_frame_cache_limit_bytes', 'Memory that the cache of frames may take.', () => limit);
    readings.counter(
      'friday_frame_cache_hits_total',
      'Writes to connections that the cache of frames served.',
      this.#read(({ cache }) => cache.hits),
    );
    readings.counter(
      'friday_frame_cache_misses_total',
      'Times that a connection had to wait for the log.',
      this.#read(({ cache }) => cache.misses),
    );
  }
}
