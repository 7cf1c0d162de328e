import { CLOSE_RANGES, PROTOCOL_ERROR_CODES, type ProtocolErrorCode, protocolError } from '@friday/protocol';
import type { DeliveryFault, OpeningOutcome, RealtimeMetrics } from '@friday/realtime';
import type { Registry } from 'prom-client';
import { BucketHistogram, seriesKey } from './bucket-histogram.ts';
import { DURATIONS, SIZES } from './buckets.ts';
import { LabelCounter } from './label-counter.ts';

const OUTCOMES: readonly OpeningOutcome[] = ['fresh', 'resumed', 'expired', 'unknown_history', 'malformed'];
const FAULTS: readonly DeliveryFault[] = ['log_unreadable', 'expired', 'late', 'wrong_wake_up'];

/** Codes with which peers close: those of RFC 6455, section 7.4.1. All others are one. */
const PEER_CODES = [...new Set(CLOSE_RANGES.flatMap(({ from, to }) => [from, to]).filter((code) => code < 3000)), 1005];

/** The events of the notification layer, counted. */
export class RealtimeEvents implements RealtimeMetrics {
  readonly #handshakes: LabelCounter;
  readonly #openings: LabelCounter;
  readonly #closes: LabelCounter;
  readonly #errors: LabelCounter;
  readonly #notifications: LabelCounter;
  readonly #failures: LabelCounter;
  readonly #passes: LabelCounter;
  #logRows = 0;
  #lostWakeUps = 0;
  readonly #handshakeTimes = new BucketHistogram({
    name: 'friday_handshake_duration_seconds',
    help: 'From an upgrade request until it was accepted or refused, waiting for its turn included.',
    buckets: DURATIONS,
  });
  readonly #latencies = new BucketHistogram({
    name: 'friday_delivery_latency_seconds',
    help: 'From a commit until its notification was written to the socket of a connection that is up to date, for each such connection.',
    buckets: DURATIONS,
  });
  readonly #replays = new BucketHistogram({
    name: 'friday_replay_notifications',
    help: 'Notifications that a connection had missed when it resumed.',
    buckets: SIZES,
  });
  readonly #replayTimes = new BucketHistogram({
    name: 'friday_replay_duration_seconds',
    help: 'From connected to live, of connections that had missed something.',
    buckets: DURATIONS,
  });
  readonly #logReads = new BucketHistogram({
    name: 'friday_log_read_duration_seconds',
    help: 'Reads of the log for connections whose next notification is not in the cache.',
    buckets: DURATIONS,
  });

  /** @param types of notifications that are known beforehand. */
  constructor(registry: Registry, types: readonly string[]) {
    const counter = (name: string, help: string, labels: readonly string[], start: readonly string[]) =>
      new LabelCounter({ registry, name, help, labels, start });
    const refusals = PROTOCOL_ERROR_CODES.filter((code) => protocolError(code).httpStatus !== undefined);
    this.#handshakes = counter(
      'friday_handshakes_total',
      'Upgrade requests that were answered, by outcome: accepted, or the code of the refusal.',
      ['outcome'],
      ['accepted', ...refusals],
    );
    this.#openings = counter(
      'friday_openings_total',
      'Connections that became authenticated, by how they began: fresh (no position), resumed, or why their position was refused.',
      ['outcome'],
      OUTCOMES,
    );
    this.#closes = counter(
      'friday_closes_total',
      'Connections that ended, by close code and by the reason of this side; reason peer where the other side closed or vanished.',
      ['code', 'reason'],
      [...OWN_CLOSES, ...PEER_CODES.map((code) => seriesKey(code, 'peer')), seriesKey('other', 'peer')],
    );
    this.#errors = counter(
      'friday_websocket_errors_total',
      'Error frames to connections that stay open, by code.',
      ['code'],
      PROTOCOL_ERROR_CODES.filter((code) => code === 'invalid_message' || protocolError(code).retryable),
    );
    this.#notifications = counter(
      'friday_notifications_total',
      'Notifications that this process committed, by type.',
      ['type'],
      types,
    );
    this.#failures = counter(
      'friday_delivery_failures_total',
      'Times that delivery to a connection could not go on, by reason; log_unreadable is tried again.',
      ['reason'],
      FAULTS,
    );
    this.#passes = counter(
      'friday_reconcile_passes_total',
      'Looks at the log for lost wake-ups, by outcome.',
      ['outcome'],
      ['ok', 'failed'],
    );
  }

  get histograms(): readonly BucketHistogram[] {
    return [this.#handshakeTimes, this.#latencies, this.#replays, this.#replayTimes, this.#logReads];
  }

  /** Rows read from the log for connections that were behind. */
  get logRows(): number {
    return this.#logRows;
  }

  /** Channels whose head had moved without a wake-up. */
  get lostWakeUps(): number {
    return this.#lostWakeUps;
  }

  handshake(outcome: 'accepted' | ProtocolErrorCode, ms: number): void {
    this.#handshakes.add(outcome);
    this.#handshakeTimes.observe(ms / 1000);
  }

  opened(outcome: OpeningOutcome, missed: number): void {
    this.#openings.add(outcome);
    if (outcome === 'resumed') this.#replays.observe(missed);
  }

  caughtUp(ms: number): void {
    this.#replayTimes.observe(ms / 1000);
  }

  closed(code: number, reason: ProtocolErrorCode | undefined): void {
    if (reason !== undefined) this.#closes.add(ownClose(reason));
    else this.#closes.add(seriesKey(PEER_CODES.includes(code) ? code : 'other', 'peer'));
  }

  answeredError(code: ProtocolErrorCode): void {
    this.#errors.add(code);
  }

  announced(type: string): void {
    this.#notifications.add(type);
  }

  delivered(connections: number, ms: number): void {
    this.#latencies.observe(ms / 1000, connections);
  }

  deliveryFailed(fault: DeliveryFault): void {
    this.#failures.add(fault);
  }

  readLog(rows: number, ms: number): void {
    this.#logRows += rows;
    this.#logReads.observe(ms / 1000);
  }

  reconciled(found: number | undefined): void {
    this.#passes.add(found === undefined ? 'failed' : 'ok');
    this.#lostWakeUps += found ?? 0;
  }
}

/** This side's close: the code that it sent, whatever the peer answered. */
function ownClose(reason: ProtocolErrorCode): string {
  return seriesKey(protocolError(reason).closeCode ?? 'other', reason);
}

const OWN_CLOSES = PROTOCOL_ERROR_CODES.filter((code) => protocolError(code).closeCode !== undefined).map(ownClose);
