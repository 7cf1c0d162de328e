/** The generic notification layer: what a host composes, and the ports that its services call. */
export { BROADCAST_CHANNEL, channelName, userChannel } from './domain/channel.ts';
export { RealtimeError } from './domain/errors.ts';
export { WebSocketMessage } from './domain/message.ts';
export type * from './domain/ports.ts';
export type { SqlSession, SqlValue } from './domain/sql.ts';
export { GroupCommit, type GroupCommitDeps } from './infrastructure/sqlite/group-commit.ts';
export { openReader, openWriter, SqliteSession } from './infrastructure/sqlite/session.ts';
