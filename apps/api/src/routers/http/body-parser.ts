import type { FastifyInstance } from 'fastify';
import { ERRORS, FridayError } from '../../domain/errors.ts';
import type { Fault } from '../validation/faults.ts';

/** What stands in a request in place of a body that is no JSON. */
export class UnreadableBody {
  readonly fault: Fault;
  /** Whether it claimed to be JSON: then it is refused before the token is looked at. */
  readonly malformed: boolean;

  constructor(fault: Fault, malformed: boolean) {
    this.fault = fault;
    this.malformed = malformed;
  }
}

/** Objects and lists within one another; more would overflow the stack where the value is written again. */
const DEEPEST = 100;
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads bodies: `application/json` and all `+json`, or no content type at all. A body that cannot be read is no error here, so
 * that the connection lives on and the order of checks holds: malformed JSON, then authentication, then all other faults.
 */
export function readBodies(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    // What is no media type at all the framework would refuse by itself, before the token and with a status of its own.
    const type = request.headers['content-type'];
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.headers['content-type'] = 'application/octet-stream';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    // parseAs promises a buffer; the types leave both open.
    done(null, readBody(request.headers['content-type'], bytes as Buffer));
  });
  app.addHook('preValidation', (request, _reply, done) => {
    const { body } = request;
    if (body instanceof UnreadableBody && body.malformed && request.routeOptions.schema?.body) throw malformed(body);
    done();
  });
}

function malformed({ fault }: UnreadableBody): FridayError {
  return new FridayError(ERRORS.validation_failed, { detail: [fault] });
}

function readBody(contentType: string | undefined, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isJson(contentType)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    // The bytes are not sent back: they may hold a secret.
    return new UnreadableBody({ type: 'model_attributes_type', loc: ['body'], msg, input: null }, false);
  }
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return bytes.length > 2 * DEEPEST && isDeeperThan(value, DEEPEST) ? jsonInvalid('Nested too deeply', 0) : value;
  } catch (error) {
    return describeSyntaxError(error, bytes);
  }
}

function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^\s*(application\/json|[^/;\s]+\/[^/;\s]+\+json)\s*(;|$)/i.test(contentType);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

function describeSyntaxError(error: unknown, bytes: Buffer): UnreadableBody {
  if (!(error instanceof SyntaxError)) return jsonInvalid('Not UTF-8', 0);
  const position = /at position (\d+)/.exec(error.message)?.[1];
  return jsonInvalid('Not JSON', position === undefined ? bytes.length : Number(position));
}

function jsonInvalid(error: string, position: number): UnreadableBody {
  return new UnreadableBody(
    { type: 'json_invalid', loc: ['body', position], msg: 'JSON decode error', input: {}, ctx: { error } },
    true,
  );
}
