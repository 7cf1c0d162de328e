import type { IncomingMessage } from 'node:http';
import { WEBSOCKET_PATH } from '@friday/protocol';
import type { HttpAnswer } from '@friday/realtime';
import type { Router } from './app-instance.ts';

/** A plain `GET` of the WebSocket's path: tells why an upgrade would be refused now, else 426 (P4). Upgrades never come here. */
export function websocketRouter(answer: (request: IncomingMessage) => Promise<HttpAnswer>): Router {
  return (app) => {
    app.get(WEBSOCKET_PATH, { schema: { hide: true } }, async (request, reply) => {
      const { status, headers, body } = await answer(request.raw);
      return reply.code(status).headers(headers).serializer(String).send(body);
    });
  };
}
