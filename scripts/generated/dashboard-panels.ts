/** What the dashboard shows: one entry a panel. */

/** One line, or one for each set of labels that the query leaves. */
export interface Query {
  readonly expr: string;
  /** `{{label}}` is replaced by the label's value. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What to look for. */
  readonly description: string;
  /** One of Grafana's names of units. */
  readonly unit: 's' | 'short' | 'reqps' | 'Bps' | 'bytes' | 'percentunit' | 'ops';
  readonly queries: readonly Query[];
}

export interface PanelRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const I = 'instance=~"$instance"';
const R = '[$__rate_interval]';

/** What a counter gains a second, by one label. */
function rateBy(label: string, counter: string): Query {
  return { expr: `sum by (${label}) (rate(${counter}{${I}}${R}))`, legend: `{{${label}}}` };
}

/** What a counter gains a second, in all. */
function rate(counter: string, legend: string): Query {
  return { expr: `sum(rate(${counter}{${I}}${R}))`, legend };
}

/** A value as it is, in all instances together. */
function sum(gauge: string, legend: string): Query {
  return { expr: `sum(${gauge}{${I}})`, legend };
}

/** How much of a limit is used, of each instance. */
function share(gauge: string, limit: string, what: string): Query {
  return { expr: `sum by (instance) (${gauge}{${I}}) / sum by (instance) (${limit}{${I}})`, legend: `${what} {{instance}}` };
}

/** A value as it is, of each instance. */
function each(gauge: string, legend: string): Query {
  return { expr: `${gauge}{${I}}`, legend: `${legend} {{instance}}` };
}

/** Two percentiles of a histogram. @param what precedes them in the legend. */
function percentiles(histogram: string, what = ''): Query[] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket{${I}}${R})))`,
    legend: `${what} p${quantile * 100}`.trim(),
  }));
}

const DELIVERY: readonly Panel[] = [
  {
    title: 'Delivery latency',
    description: 'From a commit to the sockets of those who are up to date.',
    unit: 's',
    queries: percentiles('friday_delivery_latency_seconds'),
  },
  {
    title: 'Notifications delivered',
    description: 'Each counts once for each connection that gets it.',
    unit: 'ops',
    queries: [rate('friday_delivered_notifications_total', 'delivered')],
  },
  {
    title: 'Notifications announced',
    description: 'What services committed, by type.',
    unit: 'ops',
    queries: [rateBy('type', 'friday_notifications_total')],
  },
  {
    title: 'Bytes sent',
    description: 'WebSocket frames that the pump wrote.',
    unit: 'Bps',
    queries: [rate('friday_sent_bytes_total', 'sent')],
  },
  {
    title: 'Connections behind',
    description: 'A short peak follows each commit; a plateau means that peers do not read, or that the pump cannot follow.',
    unit: 'short',
    queries: [
      sum('friday_connections_behind', 'behind'),
      sum('friday_connections_blocked', 'socket full'),
      { expr: `sum by (window) (friday_windows_awaiting_pong{${I}})`, legend: 'pong awaited, window {{window}}' },
    ],
  },
  {
    title: 'How far behind',
    description: 'Notifications that are committed and not sent.',
    unit: 'short',
    queries: [
      sum('friday_connections_behind_notifications', 'all together'),
      { expr: `max(friday_connections_behind_notifications_max{${I}})`, legend: 'the furthest' },
    ],
  },
  {
    title: 'Delivery failures',
    description: 'All of them should be 0.',
    unit: 'ops',
    queries: [rateBy('reason', 'friday_delivery_failures_total')],
  },
  {
    title: 'Lost wake-ups',
    description: 'What the reconcile pass found, and its failures. What the `friday` command writes counts too.',
    unit: 'ops',
    queries: [
      rate('friday_lost_wake_ups_total', 'found'),
      { expr: `sum(rate(friday_reconcile_passes_total{${I},outcome="failed"}${R}))`, legend: 'failed passes' },
    ],
  },
];

const CONNECTIONS: readonly Panel[] = [
  {
    title: 'Connections',
    description: 'By state; the channels that they follow, and the files that the process has open, each connection among them.',
    unit: 'short',
    queries: [
      { expr: `sum by (state) (friday_connections{${I}})`, legend: '{{state}}' },
      sum('friday_channels', 'channels'),
      sum('process_open_fds', 'open files'),
    ],
  },
  {
    title: 'Handshakes',
    description: 'Accepted, and refused by code.',
    unit: 'ops',
    queries: [rateBy('outcome', 'friday_handshakes_total')],
  },
  {
    title: 'Handshake duration',
    description: 'From the request to the answer, waiting included.',
    unit: 's',
    queries: percentiles('friday_handshake_duration_seconds'),
  },
  {
    title: 'Waiting',
    description: 'Handshakes, and reads of the log, that wait for their turn.',
    unit: 'short',
    queries: [sum('friday_handshakes_waiting', 'handshakes'), sum('friday_log_reads_waiting', 'log reads')],
  },
  {
    title: 'Closes',
    description: 'By close code, and by the reason of this side.',
    unit: 'ops',
    queries: [{ expr: `sum by (code, reason) (rate(friday_closes_total{${I}}${R})) > 0`, legend: '{{code}} {{reason}}' }],
  },
  {
    title: 'How connections began',
    description: 'Resumed, fresh, or with a position that could not be served.',
    unit: 'ops',
    queries: [rateBy('outcome', 'friday_openings_total')],
  },
  {
    title: 'Replay length',
    description: 'Notifications that those who resumed had missed.',
    unit: 'short',
    queries: percentiles('friday_replay_notifications'),
  },
  {
    title: 'Replay duration',
    description: 'From `connected` to `live`, of those who had missed something.',
    unit: 's',
    queries: percentiles('friday_replay_duration_seconds'),
  },
];

const DATABASE: readonly Panel[] = [
  {
    title: 'Commit',
    description: 'COMMIT with its sync to disk, and the work before it.',
    unit: 's',
    queries: [...percentiles('friday_commit_duration_seconds', 'sync'), ...percentiles('friday_commit_work_seconds', 'work')],
  },
  {
    title: 'Wait for a transaction',
    description: 'Of units of work, from their queueing until BEGIN.',
    unit: 's',
    queries: percentiles('friday_unit_wait_seconds'),
  },
  {
    title: 'Transactions',
    description: 'By outcome; the units of work in them come on top where many write at once.',
    unit: 'ops',
    queries: [rateBy('outcome', 'friday_commits_total'), rate('friday_commit_units_sum', 'units of work')],
  },
  {
    title: 'Reads',
    description: 'Statements of the connection that reads, and reads of the log for those who are behind.',
    unit: 's',
    queries: [
      ...percentiles('friday_database_read_seconds', 'statement'),
      ...percentiles('friday_log_read_duration_seconds', 'log'),
    ],
  },
  {
    title: 'Log rows',
    description: 'Notifications that are kept for clients that are away.',
    unit: 'short',
    queries: [
      each('friday_log_rows', 'kept'),
      { expr: `sum(rate(friday_log_read_rows_total{${I}}${R}))`, legend: 'read a second' },
    ],
  },
  {
    title: 'Disk',
    description: 'Database file, write-ahead log, and the estimated share of the notifications.',
    unit: 'bytes',
    queries: [
      { expr: `sum by (file) (friday_database_bytes{${I}})`, legend: '{{file}}' },
      sum('friday_log_bytes', 'notifications (estimate)'),
    ],
  },
  {
    title: 'Frame cache: hits',
    description: 'Share of writes that needed no read of the log.',
    unit: 'percentunit',
    queries: [
      {
        expr: `sum(rate(friday_frame_cache_hits_total{${I}}${R})) / (sum(rate(friday_frame_cache_hits_total{${I}}${R})) + sum(rate(friday_frame_cache_misses_total{${I}}${R})))`,
        legend: 'hits',
      },
    ],
  },
  {
    title: 'Frame cache: memory',
    description: 'Recent and replayed frames; its limit stands in Room.',
    unit: 'bytes',
    queries: [sum('friday_frame_cache_bytes', 'used')],
  },
];

const REST: readonly Panel[] = [
  {
    title: 'Requests',
    description: 'By method and route.',
    unit: 'reqps',
    queries: [
      {
        expr: `sum by (method, route) (rate(friday_http_request_duration_seconds_count{${I}}${R}))`,
        legend: '{{method}} {{route}}',
      },
    ],
  },
  {
    title: 'Request duration, p99',
    description: 'By route.',
    unit: 's',
    queries: [
      {
        expr: `histogram_quantile(0.99, sum by (le, method, route) (rate(friday_http_request_duration_seconds_bucket{${I}}${R})))`,
        legend: '{{method}} {{route}}',
      },
    ],
  },
  {
    title: 'Errors of REST',
    description: 'By code.',
    unit: 'ops',
    queries: [{ expr: `sum by (code) (rate(friday_http_errors_total{${I}}${R})) > 0`, legend: '{{code}}' }],
  },
  {
    title: 'Errors on WebSocket',
    description: 'Error frames to connections that stay open, by code; and frames that clients send.',
    unit: 'ops',
    queries: [rateBy('code', 'friday_websocket_errors_total'), rate('friday_received_frames_total', 'frames received')],
  },
];

const PROCESS: readonly Panel[] = [
  {
    title: 'Event loop delay',
    description: 'How late the event loop was since the scrape before.',
    unit: 's',
    queries: [{ expr: `max by (rank) (friday_event_loop_delay_seconds{${I}})`, legend: '{{rank}}' }],
  },
  {
    title: 'Processor',
    description:
      'Share of one core of all threads, and of the event loop: that one is busy too while it waits for a sync to disk.',
    unit: 'percentunit',
    queries: [
      { expr: `rate(friday_event_loop_active_seconds_total{${I}}${R})`, legend: 'event loop {{instance}}' },
      { expr: `rate(process_cpu_seconds_total{${I}}${R})`, legend: 'all threads {{instance}}' },
    ],
  },
  {
    title: 'Memory',
    description: 'Resident, and of JavaScript.',
    unit: 'bytes',
    queries: [each('process_resident_memory_bytes', 'resident'), each('nodejs_heap_size_used_bytes', 'JavaScript')],
  },
  {
    title: 'Room',
    description: 'Share of what may be used: at 1 connections are refused, files cannot be opened, frames leave the cache.',
    unit: 'percentunit',
    queries: [
      share('friday_connections', 'friday_connections_limit', 'connections'),
      share('process_open_fds', 'process_max_fds', 'open files'),
      share('friday_frame_cache_bytes', 'friday_frame_cache_limit_bytes', 'frame cache'),
    ],
  },
];

export const PANEL_ROWS: readonly PanelRow[] = [
  { title: 'Delivery', panels: DELIVERY },
  { title: 'Connections', panels: CONNECTIONS },
  { title: 'Database and cache', panels: DATABASE },
  { title: 'REST', panels: REST },
  { title: 'Process', panels: PROCESS },
];
