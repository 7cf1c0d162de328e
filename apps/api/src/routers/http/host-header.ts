import type { FastifyInstance } from 'fastify';
import { ERRORS, FridayError } from '../../domain/errors.ts';

/**
 * Refuses requests of HTTP/1.1 that do not name their host exactly once (RFC 9112, section 3.2): a proxy in front may go by the other
 * name. Node refuses only those without any, and with a body that is not ours.
 */
export function requireHost(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { rawHeaders, httpVersion } = request.raw;
    let hosts = 0;
    for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
    if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) return done();
    reply.header('connection', 'close');
    return done(new FridayError(ERRORS.bad_request));
  });
}
