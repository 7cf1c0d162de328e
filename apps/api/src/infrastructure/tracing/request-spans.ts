/** One span a request. Source: OpenTelemetry semantic conventions, "HTTP spans", server. */
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** A request as its routing left it. */
export interface ArrivedRequest {
  readonly method: string;
  /** Its route's template, such as `/v1/notes/:id`; undefined where there is no such path. */
  readonly route: string | undefined;
  /** Without its query, and without what may be a secret. */
  readonly path: string;
  readonly scheme: string;
  /** As the log has it. */
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
}

/** How a request ended. */
export interface RequestOutcome {
  /** Undefined when the connection ended before the answer. */
  readonly status: number | undefined;
  /** The code of the error that it was answered with. */
  readonly errorCode: string | null;
}

/** Methods that have a name in traces; whatever else a client makes up is one and the same. */
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'];

/** Makes a span of each request, as a child of the caller's where it names one (`traceparent`). */
export class RequestSpans {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  begin(request: ArrivedRequest): RequestSpan {
    const { method, route, headers } = request;
    const caller = propagation.extract(context.active(), headers);
    const name = METHODS.includes(method) ? method : 'HTTP';
    const options = { kind: SpanKind.SERVER, attributes: attributesOf(request) };
    const span = this.#tracer.startSpan(route === undefined ? name : `${name} ${route}`, options, caller);
    return new RequestSpan(span, trace.setSpan(caller, span));
  }
}

/** The span of one request. */
class RequestSpan {
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span, within: Context) {
    this.#span = span;
    this.#context = within;
  }

  /** Runs what comes next of the request: spans that it makes are children of this one. */
  run(next: () => void): void {
    context.with(this.#context, next);
  }

  end({ status, errorCode }: RequestOutcome): void {
    if (status === undefined) this.#span.setAttribute('error.type', 'connection_closed');
    else this.#span.setAttribute('http.response.status_code', status);
    if (status !== undefined && errorCode !== null) this.#span.setAttribute('error.type', errorCode);
    // The conventions leave 4xx without a fault: it is the client's.
    if (status !== undefined && status >= 500) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** No query, no other header, nothing of the body: they hold what is nobody's business. */
function attributesOf({ method, route, path, scheme, id }: ArrivedRequest): Attributes {
  const known = METHODS.includes(method);
  return {
    'http.request.method': known ? method : '_OTHER',
    ...(!known && { 'http.request.method_original': method }),
    ...(route !== undefined && { 'http.route': route }),
    'url.path': path,
    'url.scheme': scheme,
    'friday.request_id': id,
  };
}
