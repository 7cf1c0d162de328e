import Type from 'typebox';
import { ERRORS, FridayError } from '../domain/errors.ts';
import { answers } from '../schemas/common.ts';
import type { Router } from './app-instance.ts';

/** What must work for requests to be served, by name; each resolves to whether it does, or rejects. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<boolean>>>;

const Status = Type.Object({ status: Type.Literal('ok') });
const OK = { status: 'ok' } as const;
const PUBLIC = { tags: ['health'], security: [] };

/** `/healthz`: the process is alive. `/readyz`: what it needs is there too, else 503 that names what is not. */
export function healthRouter(checks: ReadinessChecks): Router {
  return (app) => {
    const alive = { schema: { ...PUBLIC, summary: 'Alive', response: { 200: Status } }, config: { rateLimit: false as const } };
    app.get('/healthz', alive, async () => OK);
    const ready = { schema: { ...PUBLIC, summary: 'Ready', response: answers({ 200: Status }, 503) }, config: alive.config };
    app.get('/readyz', ready, async () => {
      const states = await Promise.all(Object.entries(checks).map(async ([name, check]) => ((await works(check)) ? [] : [name])));
      const down = states.flat();
      if (down.length > 0)
        throw new FridayError(ERRORS.not_ready, { params: { down: `${down.join(', ')} down` }, retryAfterSeconds: 1 });
      return OK;
    });
  };
}

async function works(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
