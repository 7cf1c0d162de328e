import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { WebSocketMessage } from '../../src/domain/message.ts';
import { systemClock } from '../../src/infrastructure/system-clock.ts';
import { openSqliteRealtime, type SqliteFileOptions, type SqliteRealtime } from '../../src/sqlite-realtime.ts';
import { temporaryDatabase } from './files.ts';
import { RecordingLogger } from './recording-logger.ts';
import { tokenAuthenticator } from './tokens.ts';

export interface TestHostOptions extends Partial<SqliteFileOptions> {
  /** What answers requests that are no upgrades. Default: the layer's own answer. */
  readonly onRequest?: RequestListener;
  /** Composes the layer. Default: on a file of its own. */
  readonly open?: (options: SqliteFileOptions) => SqliteRealtime;
}

/** A service that is not Friday: a bare HTTP server, a SQLite file, and the layer between. */
export interface TestHost {
  readonly realtime: SqliteRealtime;
  readonly server: Server;
  readonly port: number;
  readonly path: string;
  readonly logger: RecordingLogger;
  /** Sockets that the server has accepted and that have not closed. */
  readonly sockets: ReadonlySet<Socket>;
  /** Announces to a user, in one transaction. */
  notify(userId: string, ...messages: readonly WebSocketMessage[]): Promise<void>;
  /** Announces to everyone, in one transaction. */
  broadcast(...messages: readonly WebSocketMessage[]): Promise<void>;
  /** Ends it; the test's end does so too. */
  close(): Promise<void>;
}

/** Starts a host on a free port of the loopback interface. */
export async function startHost(options: TestHostOptions = {}): Promise<TestHost> {
  const { onRequest, open = openSqliteRealtime, path = temporaryDatabase(), clock = systemClock, ...rest } = options;
  const logger = new RecordingLogger();
  const realtime = open({ authenticator: tokenAuthenticator(clock), logger, ...rest, clock, path });
  const answer: RequestListener = (request, response) => void realtime.upgrades.handleRequest(request, response);
  const server = createServer(onRequest ?? answer);
  realtime.attach(server);
  const sockets = trackSockets(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = closing(realtime, server, sockets);
  onTestFinished(close);
  return {
    realtime,
    server,
    port: (server.address() as AddressInfo).port,
    path,
    logger,
    sockets,
    close,
    notify: (userId, ...messages) =>
      realtime.transaction((tx) => {
        for (const message of messages) realtime.service.notify(tx, userId, message);
      }),
    broadcast: (...messages) =>
      realtime.transaction((tx) => {
        for (const message of messages) realtime.service.broadcast(tx, message);
      }),
  };
}

function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

function closing(realtime: SqliteRealtime, server: Server, sockets: ReadonlySet<Socket>): () => Promise<void> {
  let closed: Promise<unknown> | undefined;
  return async () => {
    closed ??= (async () => {
      const down = once(server, 'close');
      server.close();
      await realtime.close(200);
      for (const socket of sockets) socket.destroy();
      await down;
    })();
    await closed;
  };
}
