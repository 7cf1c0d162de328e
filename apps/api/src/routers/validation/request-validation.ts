import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { IsObject, type TSchema } from 'typebox';
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
    /** The parameters of the query may stand in a JSON body instead: it is read where the query names none of them. */
    queryOrBody?: true;
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

function compileRequest({ schema = {}, config }: RouteOptions): RequestReader | undefined {
  const params = optionalReader(schema.params);
  const query = queryReader(schema.querystring, config?.queryOrBody);
  const body = optionalReader(schema.body);
  const headers = optionalReader(schema.headers);
  if (!params && !query && !body && !headers) return undefined;
  return (request) => {
    const faults = new Faults();
    if (params) request.params = params(request.params, ['path'], faults);
    if (query) request.query = query(request, faults);
    if (headers) headers(request.headers, ['header'], faults);
    if (body) request.body = readBody(body, request.body, faults);
    if (faults.list.length > 0) throw new FridayError(ERRORS.validation_failed, { detail: faults.list });
  };
}

function optionalReader(schema: unknown): Reader | undefined {
  // Routes declare their schemas with TypeBox only; Fastify types them as unknown.
  return schema === undefined ? undefined : compileReader(schema as TSchema);
}

/** Reads the query; or, with `orBody`, the body where the query has nothing that the schema names. */
function queryReader(schema: unknown, orBody = false): ((request: FastifyRequest, faults: Faults) => unknown) | undefined {
  const read = optionalReader(schema);
  if (!read) return undefined;
  const names = Object.keys(IsObject(schema) ? schema.properties : {});
  return ({ query, body }, faults) => {
    const given = lastOfEach(query);
    const elsewhere = orBody && isGiven(body) && !names.some((name) => Object.hasOwn(given, name));
    return elsewhere ? readBody(read, body, faults) : read(given, ['query'], faults);
  };
}

function readBody(read: Reader, body: unknown, faults: Faults): unknown {
  if (body instanceof UnreadableBody) faults.add(body.fault);
  else if (!isGiven(body)) faults.add({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });
  else return read(body, ['body'], faults);
  return undefined;
}

function isGiven(body: unknown): boolean {
  return body !== undefined && body !== null;
}

/** A parameter that is repeated counts with its last value. */
function lastOfEach(query: unknown): Readonly<Record<string, unknown>> {
  const entries = Object.entries(query ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]);
  return Object.fromEntries(entries);
}
