/** The way to OpenTelemetry's SDK, of which Friday brings nothing: whoever wants traces loads one before the server starts. */
import { ProxyTracer, type Tracer, trace } from '@opentelemetry/api';

/** Instrumentation scope of all spans. */
const SCOPE = 'friday';

/**
 * The tracer of the SDK that is registered by now.
 * @returns undefined where there is none: then nothing is to be watched, and traces cost nothing at all.
 */
export function registeredTracer(version: string): Tracer | undefined {
  const tracer = trace.getTracer(SCOPE, version);
  // Without an SDK the API hands out one that would pass the work on to an SDK that is registered later.
  return tracer instanceof ProxyTracer ? undefined : tracer;
}

/** What SDKs offer beyond the API. */
interface Flushable {
  forceFlush(): Promise<void>;
}

/**
 * Has the SDK, if there is one, send the spans that it still holds. Never rejects.
 * @param patienceMs milliseconds after which what is left is given up.
 */
export async function flushSpans(patienceMs = 2_000): Promise<void> {
  const provider: object = trace.getTracerProvider();
  const sdk = 'getDelegate' in provider && typeof provider.getDelegate === 'function' ? provider.getDelegate() : provider;
  if (!canFlush(sdk)) return;
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, patienceMs);
  // Whatever keeps spans from their collector, its loss is theirs: the SDK has said so in its own log.
  await Promise.race([sdk.forceFlush().catch(() => undefined), patience.promise]);
  clearTimeout(timer);
}

function canFlush(sdk: unknown): sdk is Flushable {
  return typeof sdk === 'object' && sdk !== null && 'forceFlush' in sdk && typeof sdk.forceFlush === 'function';
}
