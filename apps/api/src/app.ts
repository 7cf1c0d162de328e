/** The server's composition root: with `composition.ts` and `resources/`, the only place that constructs what it is made of. */
import { mkdirSync } from 'node:fs';
import {
  type Realtime,
  Retention,
  RetentionTimer,
  type RetentionTimerDeps,
  type SqliteSession,
  systemClock,
  watchCommits,
} from '@friday/realtime';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { type Core, composeCore, databasePath } from './composition.ts';
import type { Config } from './config.ts';
import { keptSigningSecret } from './infrastructure/auth/signing-secret.ts';
import { openStorage, type Storage } from './infrastructure/database/storage.ts';
import type { OwnUnitOfWork } from './infrastructure/database/unit-of-work.ts';
import type { FridayMetrics } from './infrastructure/metrics/friday-metrics.ts';
import { RequestSpans } from './infrastructure/tracing/request-spans.ts';
import { flushSpans, registeredTracer } from './infrastructure/tracing/tracer.ts';
import { createMetrics, serveMetrics } from './metrics.ts';
import { allMigrations } from './migrations.ts';
import { RESOURCES } from './resource-list.ts';
import { type ApiParts, createApi } from './routers/api.ts';
import type { App, Router } from './routers/app-instance.ts';
import { authRouter } from './routers/auth.router.ts';
import { limitSockets } from './routers/http/socket-limit.ts';
import type { MetricsServer } from './routers/metrics/metrics-server.ts';
import { Dependents } from './services/dependents.ts';

/** A server that listens. */
export interface Friday {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /**
   * Ends it in order: connections are asked to go, spread over the drain window, while requests are still served; then requests under way
   * are answered, commits done and files closed.
   */
  close(): Promise<void>;
}

/** Connections that the kernel may hold for us; it takes less where `somaxconn` says so. Node's 511 is short for a storm of reconnects. */
const ACCEPT_QUEUE = 4_096;

/** Milliseconds that requests under way have to come to their end when the server stops. */
const LAST_REQUESTS_MS = 5_000;

/** What runs, and has to be ended. */
interface Running {
  readonly app: App;
  readonly realtime: Realtime;
  readonly unitOfWork: OwnUnitOfWork;
  readonly metrics: FridayMetrics | undefined;
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
  const metrics = await listenForScrapes(config, logger, running);
  const unwatch = watchCommits(storage.writer, systemClock, () => void running.realtime.service.reconcile());
  const retention = startRetention(config, logger, { session: storage.writer, unitOfWork: running.unitOfWork });
  const close = async () => {
    await running.realtime.drain();
    unwatch();
    retention.stop();
    await end(running);
    await metrics?.close();
    storage.close();
    await flushSpans();
  };
  return { url, close };
}

async function listen(config: Config, running: Running): Promise<string> {
  const { host, port } = config;
  const { app, realtime } = running;
  realtime.attach(app.server);
  boundSockets(config, app);
  try {
    return await app.listen({ host, port, backlog: ACCEPT_QUEUE });
  } catch (error) {
    await end(running);
    throw error;
  }
}

/** Comes after the realtime layer, where new connections wait for their turn: those who wait count, and who is refused need not wait. */
function boundSockets({ realtime, requestSocketsPerAddress }: Config, app: App): void {
  const { trustedProxies, maxConnectionsPerAddress } = realtime;
  // Behind proxies all connections come from theirs: there it is their limits that count.
  if (trustedProxies === 0) limitSockets(app.server, maxConnectionsPerAddress + requestSocketsPerAddress);
}

async function listenForScrapes(config: Config, logger: Logger, running: Running): Promise<MetricsServer | undefined> {
  try {
    return running.metrics && (await serveMetrics(config, logger, running.metrics));
  } catch (error) {
    await end(running);
    throw error;
  }
}

async function end({ app, realtime, unitOfWork, metrics }: Running): Promise<void> {
  await realtime.close();
  // While it closes, Node looks no more for requests that never end: who has not finished one by then will not.
  const impatience = setTimeout(() => app.server.closeAllConnections(), LAST_REQUESTS_MS);
  await app.close();
  clearTimeout(impatience);
  await unitOfWork.settled();
  metrics?.stop();
}

async function compose(config: Config, logger: Logger, storage: Storage): Promise<Running> {
  const tracer = registeredTracer(packageJson.version);
  const metrics = createMetrics(config);
  const core = composeCore({ config, logger, storage, secret: signingSecret(config), tracer, metrics });
  const { broker, origins, authenticator, realtime, unitOfWork, userService, revocations, removals } = core;
  await removals.finishAll().catch((err) => logger.warn({ err }, 'a removal that was interrupted could not be finished now'));
  const { reader } = storage;
  metrics?.observe({ layer: realtime.service, reader, path: databasePath(config) });
  const routers = [authRouter(userService, revocations, removals), ...resourceRouters(core)];
  const checks = {
    database: async () => reader.all('SELECT 1 FROM schema_migrations LIMIT 1', []).length === 1,
    broker: () => broker.ready(),
  };
  const tracing = tracer && new RequestSpans(tracer);
  const app = await createApi({
    ...httpParts(config),
    logger,
    origins,
    authenticator,
    realtime,
    routers,
    checks,
    tracing,
    metrics,
  });
  return { app, realtime, unitOfWork, metrics };
}

interface Writing {
  readonly session: SqliteSession;
  readonly unitOfWork: OwnUnitOfWork;
}

function startRetention(config: Config, logger: Logger, { session, unitOfWork }: Writing): RetentionTimer {
  const maxAgeMs = config.retentionDays * 86_400_000;
  const retention = new Retention({ clock: systemClock, maxAgeMs, maxCount: config.retentionCount });
  const transaction: RetentionTimerDeps['transaction'] = (work) => unitOfWork.run(() => work(session));
  return new RetentionTimer({ retention, transaction, clock: systemClock, logger });
}

function signingSecret({ jwtSecret, dataDir }: Config): Buffer {
  if (jwtSecret !== undefined) return Buffer.from(jwtSecret);
  mkdirSync(dataDir, { recursive: true });
  return keptSigningSecret(dataDir);
}

function resourceRouters({ database, unitOfWork, realtime }: Core): Router[] {
  const notifications = realtime.service;
  const position = (channels: readonly string[]) => notifications.position(channels);
  const dependents = new Dependents();
  return RESOURCES.map((resource) =>
    resource.build({ database, unitOfWork, notifications, dependents, position, clock: systemClock }),
  );
}

type HttpParts = Pick<ApiParts, 'maxBodyBytes' | 'requestTimeoutMs' | 'rateLimits' | 'trustedProxies' | 'docs' | 'metricsToken'>;

function httpParts(config: Config): HttpParts {
  const { maxBodyBytes, publicUrl, metricsToken } = config;
  const { trustedProxies } = config.realtime;
  const tags = RESOURCES.map(({ collection, description }) => ({ name: collection.slice('/v1/'.length), description }));
  const docs = { tags, version: packageJson.version, publicUrl };
  const requestTimeoutMs = config.requestSeconds * 1000;
  const rateLimits = requestLimits(config);
  return { maxBodyBytes, requestTimeoutMs, rateLimits, trustedProxies, docs, metricsToken };
}

function requestLimits(config: Config): ApiParts['rateLimits'] {
  const { requestsPerUserPerMinute, requestsPerAddressPerMinute, registrationsPerAddress, tokensPerAddressPerMinute } = config;
  if (config.rateLimits === 'off') return false;
  return { requestsPerUserPerMinute, requestsPerAddressPerMinute, registrationsPerAddress, tokensPerAddressPerMinute };
}
