import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '@friday/realtime';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { Static, TSchema } from 'typebox';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null where the route needs no token. */
    principal: Principal | null;
  }
}

interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

/** The HTTP server as routers see it: the types of requests and answers follow from the schemas. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, SchemaTypes>;

/** Adds its routes to the server. */
export type Router = (app: App) => void;
