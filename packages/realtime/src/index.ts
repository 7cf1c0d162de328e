/** The generic notification layer: what a host composes, and the ports that its services call. */
export { BROADCAST_CHANNEL, channelName, userChannel } from './domain/channel.ts';
export { RealtimeError } from './domain/errors.ts';
export { WebSocketMessage } from './domain/message.ts';
export {
  type CacheStats,
  type CommitGroup,
  type ConnectionState,
  type DeliveryCounts,
  type DeliveryFault,
  NO_METRICS,
  type OpeningOutcome,
  type RealtimeMetrics,
  type RealtimeStats,
} from './domain/metrics.ts';
export type * from './domain/ports.ts';
export { REALTIME_SETTINGS, type RealtimeSettings } from './domain/settings.ts';
export type { SqlSession, SqlValue } from './domain/sql.ts';
export { MemoryBroker } from './infrastructure/brokers/memory-broker.ts';
export { REALTIME_MIGRATION, SqlChangeLog, type SqlChangeLogDeps } from './infrastructure/change-log.ts';
export { type KeptLog, LogSize } from './infrastructure/log-size.ts';
export { Retention, type RetentionDeps } from './infrastructure/retention.ts';
export { RetentionTimer, type RetentionTimerDeps } from './infrastructure/retention-timer.ts';
export { watchCommits } from './infrastructure/sqlite/commit-watch.ts';
export { GroupCommit, type GroupCommitDeps } from './infrastructure/sqlite/group-commit.ts';
export { type FileLock, lockFile } from './infrastructure/sqlite/lock.ts';
export { openReader, openWriter, SqliteSession } from './infrastructure/sqlite/session.ts';
export { systemClock } from './infrastructure/system-clock.ts';
export { createRealtime, type Realtime, type RealtimeOptions } from './realtime.ts';
export { addressKey } from './router/address.ts';
export { type OriginPolicy, type OriginPolicyOptions, originPolicy } from './router/origin.ts';
export type { HttpAnswer } from './router/refusal.ts';
export {
  createSqliteRealtime,
  openSqliteRealtime,
  type RetentionLimits,
  type SqliteFileOptions,
  type SqliteRealtime,
  type SqliteRealtimeOptions,
} from './sqlite-realtime.ts';
