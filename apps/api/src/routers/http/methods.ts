import { METHODS } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ERRORS, FridayError } from '../../domain/errors.ts';

/** Node answers these by itself, or they are no requests for a path. */
const NEVER_ROUTED = ['CONNECT'];
const ALL = METHODS.filter((method) => !NEVER_ROUTED.includes(method));

/** Knows which methods each path has, so that the others can be refused. */
export class MethodGuard {
  readonly #methods = new Map<string, Set<string>>();

  /** Watches the routes that are added from now on; unknown paths are refused before anything else is looked at. */
  watch(app: FastifyInstance): void {
    for (const method of ALL) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
    app.addHook('onRoute', ({ url, method }) => {
      if (url === '*') return;
      const methods = this.#methods.get(url) ?? new Set();
      for (const name of [method].flat()) methods.add(name);
      this.#methods.set(url, methods);
    });
    app.addHook('onRequest', (request, _reply, done) => {
      if (request.is404) throw new FridayError(ERRORS.not_found);
      done();
    });
    app.setNotFoundHandler(() => {
      throw new FridayError(ERRORS.not_found);
    });
  }

  /** Adds the refusal of all other methods to every path seen so far: 405 with `Allow`, before authentication. */
  refuseOthers(app: FastifyInstance): void {
    for (const [url, methods] of [...this.#methods]) {
      const allow = [...methods].toSorted().join(', ');
      app.route({
        url,
        method: ALL.filter((name) => !methods.has(name)),
        schema: { hide: true },
        onRequest: (_request, reply, done) => {
          reply.header('allow', allow);
          done(new FridayError(ERRORS.method_not_allowed));
        },
        handler: () => undefined,
      });
    }
  }
}
