import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { asyncApiDocument } from '@friday/protocol/asyncapi';
import type { FastifySchema } from 'fastify';
import type { App } from './app-instance.ts';

/** A heading of the documentation. */
export interface DocsTag {
  readonly name: string;
  readonly description: string;
}

export interface DocsOptions {
  readonly tags: readonly DocsTag[];
  readonly version: string;
  readonly publicUrl: string | undefined;
}

const DESCRIPTION = `Notes, tasks and activities of one user, over REST; every committed change is announced live over WebSocket at
\`/v1/ws\` (described in \`/asyncapi.json\`).

Register, exchange the user secret for a token, and send it as \`Authorization: Bearer\`. Every fault answers with the same body;
a request that is not valid gets all its faults at once.`;

/** Collects the description of all routes that are added from now on. */
export async function describeRoutes(app: App, { tags, version, publicUrl }: DocsOptions): Promise<void> {
  await app.register(swagger, {
    transform: ({ schema, url }) => ({ schema: asClientsSeeIt(schema), url }),
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Friday', version, description: DESCRIPTION, license: { name: 'MIT' } },
      ...(publicUrl !== undefined && { servers: [{ url: publicUrl }] }),
      tags: [
        { name: 'auth', description: 'Users and tokens.' },
        ...tags,
        { name: 'health', description: 'For whoever keeps the server running.' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ token: [] }],
    },
  });
}

/** What has a default is always there for the code behind a route, and may be left out by its clients. */
function asClientsSeeIt({ body, querystring, ...rest }: FastifySchema): FastifySchema {
  return {
    ...rest,
    ...(body !== undefined && { body: withoutDefaults(body) }),
    ...(querystring !== undefined && { querystring: withoutDefaults(querystring) }),
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly required?: readonly string[];
}

/** The same schema, in which no property with a default is required. @param schema one of an object, as all routes have it. */
function withoutDefaults(schema: unknown): ObjectSchema {
  const { required, ...rest } = schema as ObjectSchema;
  const left = required?.filter((name) => rest.properties?.[name]?.default === undefined) ?? [];
  return left.length === 0 ? rest : { ...(schema as ObjectSchema), required: left };
}

/** `/openapi.json` and the page that shows it at `/docs`, and `/asyncapi.json`. To be added after all other routes. */
export async function addDocs(app: App, { version, publicUrl }: DocsOptions): Promise<void> {
  const hidden = { schema: { hide: true } };
  const asyncApi = asyncApiDocument({ version, ...(publicUrl !== undefined && { serverUrl: publicUrl }) });
  app.get('/openapi.json', hidden, () => app.swagger());
  app.get('/asyncapi.json', hidden, () => asyncApi);
  app.get('/redoc', hidden, (_request, reply) => reply.redirect('/docs'));
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Friday' },
    // Without the bar at the top, in which one could load other descriptions.
    uiConfig: { layout: 'BaseLayout' },
    staticCSP: {
      'default-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'style-src': ["'self'", "'unsafe-inline'"],
      'frame-ancestors': ["'none'"],
    },
  });
}
