import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { METRICS_TYPE, type MetricsAccess, type MetricsSource, metricsAccess } from './metrics-access.ts';

export interface MetricsServerOptions {
  readonly source: MetricsSource;
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Asked of everybody, where there is one. */
  readonly token: string | undefined;
  /** Told of a scrape that failed. */
  readonly onError: (error: unknown) => void;
}

/** A server for metrics alone. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` on a port of its own, which needs no way through a proxy.
 * @throws Error in one line when the port cannot be had.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port, token } = options;
  const allowed = metricsAccess(token);
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    answer(request, response, { ...options, allowed }).catch((error: unknown) => {
      options.onError(error);
      response.writeHead(500).end();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answering {
  readonly source: MetricsSource;
  readonly allowed: MetricsAccess;
}

async function answer(request: IncomingMessage, response: ServerResponse, { source, allowed }: Answering): Promise<void> {
  const { method, url = '', headers } = request;
  if (url.split('?', 1)[0] !== '/metrics') response.writeHead(404).end();
  else if (!allowed(headers.authorization)) response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
  else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
  else {
    // Before the head, which could not be taken back.
    const text = await source.scrape();
    response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text);
  }
}
