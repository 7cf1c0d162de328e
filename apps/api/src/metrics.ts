/** Composes the metrics, where the configuration asks for them. */
import { WebSocketMessageType } from '@friday/protocol';
import type { Logger } from '@friday/realtime';
import packageJson from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import { errorRegistry } from './error-registry.ts';
import { FridayMetrics } from './infrastructure/metrics/friday-metrics.ts';
import { RESOURCES } from './resource-list.ts';
import { type MetricsServer, startMetricsServer } from './routers/metrics/metrics-server.ts';

/** What happens to a resource of any kind. */
const CHANGES = ['created', 'updated', 'deleted'];
const OTHER_TYPES = ['task.completed', 'user.revoked', WebSocketMessageType.SystemAnnouncement];

/** @returns undefined where nobody may ask for them: then nothing is counted. */
export function createMetrics({ metricsPort, metricsToken, realtime }: Config): FridayMetrics | undefined {
  if (metricsPort === undefined && metricsToken === undefined) return undefined;
  return new FridayMetrics({
    version: packageJson.version,
    limits: realtime,
    types: [...RESOURCES.flatMap(({ kind }) => CHANGES.map((change) => `${kind}.${change}`)), ...OTHER_TYPES],
    codes: errorRegistry().map(({ code }) => code),
  });
}

/**
 * Serves them on a port of their own, where there is one.
 * @throws Error in one line when the port cannot be had.
 */
export async function serveMetrics(config: Config, logger: Logger, source: FridayMetrics): Promise<MetricsServer | undefined> {
  const { metricsHost: host, metricsPort: port, metricsToken: token } = config;
  if (port === undefined) return undefined;
  const onError = (err: unknown) => logger.error({ err }, 'metrics could not be read');
  const server = await startMetricsServer({ source, host, port, token, onError });
  logger.info({ url: server.url }, 'metrics are served');
  return server;
}
