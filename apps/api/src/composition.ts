/** What the server and the `friday` command are both made of: storage, the notification layer and the use cases of users. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createRealtime,
  type GroupCommitDeps,
  type Logger,
  MemoryBroker,
  NO_METRICS,
  type OriginPolicy,
  originPolicy,
  type Realtime,
  type RealtimeMetrics,
  SqlChangeLog,
  systemClock,
} from '@friday/realtime';
import type { Tracer } from '@opentelemetry/api';
import type { Config } from './config.ts';
import { ForeignTokens } from './infrastructure/auth/foreign-tokens.ts';
import { TokenAuthenticator } from './infrastructure/auth/token-authenticator.ts';
import { USER_SECRETS } from './infrastructure/auth/user-secret.ts';
import { SqlNotificationHistory } from './infrastructure/database/notification-history.ts';
import { SqliteDatabase } from './infrastructure/database/sqlite-database.ts';
import { SqliteUnitOfWork } from './infrastructure/database/sqlite-unit-of-work.ts';
import type { Storage } from './infrastructure/database/storage.ts';
import type { OwnUnitOfWork } from './infrastructure/database/unit-of-work.ts';
import { SqlUserRepository } from './infrastructure/database/user.repository.ts';
import type { FridayMetrics } from './infrastructure/metrics/friday-metrics.ts';
import { CommitSpans } from './infrastructure/tracing/commit-spans.ts';
import { traceHandshakes } from './infrastructure/tracing/handshake-spans.ts';
import { TracedUnitOfWork } from './infrastructure/tracing/traced-unit-of-work.ts';
import { IdentityService, type IdentityServiceDeps } from './services/identity.service.ts';
import { RemovalService } from './services/removal.service.ts';
import { RevocationService } from './services/revocation.service.ts';
import { UserService } from './services/user.service.ts';
import { splitOrigins } from './settings.ts';

export interface CoreInput {
  readonly config: Config;
  readonly logger: Logger;
  readonly storage: Pick<Storage, 'writer' | 'reader'>;
  /** Signs tokens. */
  readonly secret: Buffer;
  /** Makes spans of units of work and commits. Default: none are made. */
  readonly tracer?: Tracer | undefined;
  /** Keeps figures. Default: nobody does. */
  readonly metrics?: FridayMetrics | undefined;
}

export interface Core {
  readonly database: SqliteDatabase;
  readonly unitOfWork: OwnUnitOfWork;
  readonly broker: MemoryBroker;
  readonly origins: OriginPolicy;
  readonly authenticator: TokenAuthenticator;
  /** To be closed at the end. */
  readonly realtime: Realtime;
  readonly userService: UserService;
  readonly revocations: RevocationService;
  readonly removals: RemovalService;
}

/** Milliseconds between two slices of a removal. */
const REMOVAL_PAUSE_MS = 5;

/** The path of the database file. */
export function databasePath({ databaseUrl, dataDir }: Config): string {
  return databaseUrl === undefined ? join(dataDir, 'friday.db') : databaseUrl.slice('sqlite:'.length);
}

/** Composes them on an open database, which stays its opener's. */
export function composeCore({ config, logger, storage, secret, tracer, metrics }: CoreInput): Core {
  const clock = systemClock;
  const { reader, writer: session } = storage;
  const database = new SqliteDatabase(session, reader);
  const log = new SqlChangeLog({ reader, clock });
  const unitOfWork = openUnitOfWork(tracer, database, {
    session,
    append: (target, units) => log.append(target, units),
    onCommitted: (entries) => realtime.service.committed(entries),
    ...(metrics && { onGroup: (group) => metrics.group(group) }),
  });
  const accounts = { users: new SqlUserRepository(database), unitOfWork, secrets: USER_SECRETS, clock };
  const authenticator = createAuthenticator(config, { ...accounts, secret, logger });
  const origins = originsOf(config);
  const broker = new MemoryBroker();
  const realtime = createRealtime({
    log,
    broker,
    authenticator,
    logger,
    origins,
    settings: realtimeSettings(config),
    metrics: layerEvents(tracer, metrics),
  });
  const userService = new UserService({ ...accounts, tokens: authenticator, registration: config.registration });
  const notifications = realtime.service;
  const revocations = new RevocationService({ ...accounts, notifications });
  const history = new SqlNotificationHistory({ log, writer: session, reader });
  const pause = () => delay(REMOVAL_PAUSE_MS);
  const removals = new RemovalService({ ...accounts, notifications, history, pause });
  return { database, unitOfWork, broker, origins, authenticator, realtime, userService, revocations, removals };
}

function openUnitOfWork(tracer: Tracer | undefined, database: SqliteDatabase, deps: GroupCommitDeps): OwnUnitOfWork {
  if (!tracer) return new SqliteUnitOfWork(database, deps);
  const spans = new CommitSpans(tracer);
  return new TracedUnitOfWork(new SqliteUnitOfWork(database, spans.watch(deps)), spans);
}

/** Who is told of the notification layer's events. */
function layerEvents(tracer: Tracer | undefined, metrics: FridayMetrics | undefined): RealtimeMetrics {
  const events = metrics?.realtime ?? NO_METRICS;
  return tracer ? traceHandshakes(tracer, events) : events;
}

interface AuthenticatorParts extends Omit<IdentityServiceDeps, 'registration'> {
  readonly secret: Buffer;
  readonly logger: Logger;
}

function createAuthenticator(config: Config, { secret, logger, ...accounts }: AuthenticatorParts): TokenAuthenticator {
  const { jwksUrl, jwtIssuer: issuer, jwtAudience: audience, registration, tokenMinutes } = config;
  const { users, clock } = accounts;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) {
    return new TokenAuthenticator({ secret, users, clock, tokenMinutes });
  }
  const tokens = new ForeignTokens({ jwksUrl, issuer, audience, clock, logger });
  const identities = new IdentityService({ ...accounts, registration });
  return new TokenAuthenticator({ secret, users, clock, tokenMinutes, foreign: { tokens, identities } });
}

/** Without rate limits, only counts are limited. */
function realtimeSettings({ realtime, rateLimits }: Config): Config['realtime'] {
  return rateLimits === 'on' ? realtime : { ...realtime, handshakesPerAddressPerMinute: 0, framesPerConnectionPerMinute: 0 };
}

function originsOf({ publicUrl, allowedOrigins, host }: Config): OriginPolicy {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(host);
  return originPolicy({ publicUrl, allowed: splitOrigins(allowedOrigins), loopback });
}
