/** The composition root: with `resources/`, the only place that constructs what the application is made of. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createRealtime,
  MemoryBroker,
  type OriginPolicy,
  originPolicy,
  type Realtime,
  Retention,
  SqlChangeLog,
  systemClock,
} from '@friday/realtime';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import { keptSigningSecret } from './infrastructure/auth/signing-secret.ts';
import { TokenAuthenticator } from './infrastructure/auth/token-authenticator.ts';
import { USER_SECRETS } from './infrastructure/auth/user-secret.ts';
import { SqliteDatabase } from './infrastructure/database/sqlite-database.ts';
import { SqliteUnitOfWork } from './infrastructure/database/sqlite-unit-of-work.ts';
import { openStorage, type Storage } from './infrastructure/database/storage.ts';
import { SqlUserRepository } from './infrastructure/database/user.repository.ts';
import { RetentionJob } from './infrastructure/retention-job.ts';
import { allMigrations } from './migrations.ts';
import { RESOURCES } from './resource-list.ts';
import { type ApiParts, createApi } from './routers/api.ts';
import type { App, Router } from './routers/app-instance.ts';
import { authRouter } from './routers/auth.router.ts';
import { Dependents } from './services/dependents.ts';
import { UserService } from './services/user.service.ts';
import { splitOrigins } from './settings.ts';

/** A server that listens. */
export interface Friday {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Ends it in order: connections told to come back, requests answered, commits done, files closed. */
  close(): Promise<void>;
}

/** What runs, and has to be ended. */
interface Running {
  readonly app: App;
  readonly realtime: Realtime;
  readonly unitOfWork: SqliteUnitOfWork;
  readonly retention: RetentionJob;
}

/**
 * Starts the server.
 * @throws Error in one line when another server owns the database, the database is newer than this program, or the port is taken.
 */
export async function startFriday(config: Config, logger: Logger): Promise<Friday> {
  const storage = openStorage(databasePath(config), allMigrations());
  try {
    return await serve(config, logger, storage);
  } catch (error) {
    storage.close();
    throw error;
  }
}

/** Starts the server on an open database, which it closes at its own end. Rejects with the database still open. */
export async function serve(config: Config, logger: Logger, storage: Storage): Promise<Friday> {
  const running = await compose(config, logger, storage);
  const url = await listen(config, running);
  const close = async () => {
    await end(running);
    storage.close();
  };
  return { url, close };
}

function databasePath({ databaseUrl, dataDir }: Config): string {
  return databaseUrl === undefined ? join(dataDir, 'friday.db') : databaseUrl.slice('sqlite:'.length);
}

async function listen({ host, port }: Config, running: Running): Promise<string> {
  const { app, realtime, retention } = running;
  realtime.attach(app.server);
  try {
    const url = await app.listen({ host, port });
    retention.start();
    return url;
  } catch (error) {
    await end(running);
    throw error;
  }
}

async function end({ app, realtime, unitOfWork, retention }: Running): Promise<void> {
  retention.stop();
  await realtime.close();
  await app.close();
  await unitOfWork.settled();
}

async function compose(config: Config, logger: Logger, storage: Storage): Promise<Running> {
  const clock = systemClock;
  const { reader, writer: session } = storage;
  const database = new SqliteDatabase(session, reader);
  const users = new SqlUserRepository(database);
  const authenticator = new TokenAuthenticator({
    secret: signingSecret(config),
    users,
    clock,
    tokenMinutes: config.tokenMinutes,
  });
  const origins = originsOf(config);
  const broker = new MemoryBroker();
  const log = new SqlChangeLog({ reader, clock });
  const realtime = createRealtime({ log, broker, authenticator, logger, origins, settings: config.realtime });
  const unitOfWork = new SqliteUnitOfWork(database, {
    session,
    append: (target, units) => log.append(target, units),
    onCommitted: (entries) => realtime.service.committed(entries),
  });
  const userService = new UserService({ users, unitOfWork, secrets: USER_SECRETS, tokens: authenticator, clock });
  const routers = [authRouter(userService), ...resourceRouters({ database, unitOfWork, realtime })];
  const checks = {
    database: async () => reader.all('SELECT 1 FROM schema_migrations LIMIT 1', []).length === 1,
    broker: () => broker.ready(),
  };
  const app = await createApi({ ...httpParts(config), logger, origins, authenticator, realtime, routers, checks });
  const maxAgeMs = config.retentionDays * 86_400_000;
  const retention = new Retention({ clock, maxAgeMs, maxCount: config.retentionCount });
  return { app, realtime, unitOfWork, retention: new RetentionJob({ retention, session, unitOfWork, logger }) };
}

function signingSecret({ jwtSecret, dataDir }: Config): Buffer {
  if (jwtSecret !== undefined) return Buffer.from(jwtSecret);
  mkdirSync(dataDir, { recursive: true });
  return keptSigningSecret(dataDir);
}

function originsOf({ publicUrl, allowedOrigins, host }: Config): OriginPolicy {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(host);
  return originPolicy({ publicUrl, allowed: splitOrigins(allowedOrigins), loopback });
}

interface ResourceParts {
  readonly database: SqliteDatabase;
  readonly unitOfWork: SqliteUnitOfWork;
  readonly realtime: Realtime;
}

function resourceRouters({ database, unitOfWork, realtime }: ResourceParts): Router[] {
  const notifications = realtime.service;
  const position = (channels: readonly string[]) => notifications.position(channels);
  const dependents = new Dependents();
  return RESOURCES.map((resource) =>
    resource.build({ database, unitOfWork, notifications, dependents, position, clock: systemClock }),
  );
}

function httpParts({ maxBodyBytes, rateLimits, publicUrl }: Config): Pick<ApiParts, 'maxBodyBytes' | 'rateLimits' | 'docs'> {
  const tags = RESOURCES.map(({ collection, description }) => ({ name: collection.slice('/v1/'.length), description }));
  return { maxBodyBytes, rateLimits: rateLimits === 'on', docs: { tags, version: packageJson.version, publicUrl } };
}
