import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { ERRORS, FridayError } from '../../domain/errors.ts';
import { UnreadableBody } from '../http/body-parser.ts';
import { compileReader, type Reader } from './compile.ts';
import { Faults } from './faults.ts';

/** Checks all parts of a request and puts the coerced values in their place. */
type RequestReader = (request: FastifyRequest) => void;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Made from the route's schema when the route is registered. */
    readRequest?: RequestReader;
  }
}

/**
 * Validates each request against its route's schema, after authentication: path, query, body and headers together, so that one
 * answer names all faults. Fastify's own validation, which stops at the first part, is switched off.
 */
export function validateRequests(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.addHook('onRoute', (route) => {
    const readRequest = compileRequest(route);
    if (readRequest) route.config = { ...route.config, readRequest };
  });
  app.addHook('preHandler', (request, _reply, done) => {
    request.routeOptions.config.readRequest?.(request);
    done();
  });
}

function compileRequest({ schema = {} }: RouteOptions): RequestReader | undefined {
  const params = optionalReader(schema.params);
  const query = optionalReader(schema.querystring);
  const body = optionalReader(schema.body);
  const headers = optionalReader(schema.headers);
  if (!params && !query && !body && !headers) return undefined;
  return (request) => {
    const faults = new Faults();
    if (params) request.params = params(request.params, ['path'], faults);
    if (query) request.query = query(lastOfEach(request.query), ['query'], faults);
    if (headers) headers(request.headers, ['header'], faults);
    if (body) request.body = readBody(body, request.body, faults);
    if (faults.list.length > 0) throw new FridayError(ERRORS.validation_failed, { detail: faults.list });
  };
}

function optionalReader(schema: unknown): Reader | undefined {
  // Routes declare their schemas with TypeBox only; Fastify types them as unknown.
  return schema === undefined ? undefined : compileReader(schema as TSchema);
}

function readBody(read: Reader, body: unknown, faults: Faults): unknown {
  if (body instanceof UnreadableBody) faults.add(body.fault);
  else if (body === undefined || body === null)
    faults.add({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });
  else return read(body, ['body'], faults);
  return undefined;
}

/** A parameter that is repeated counts with its last value. */
function lastOfEach(query: unknown): unknown {
  const entries = Object.entries(query ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]);
  return Object.fromEntries(entries);
}
