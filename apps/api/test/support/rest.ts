/** REST as a test speaks it: to a server in this process, or in one of its own. */

/** A body as the wire has it, success or fault; tests read from it what they expect. */
export interface Body {
  readonly data: Readonly<Record<string, unknown>>;
  readonly detail: unknown;
  readonly message: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** An answer, its body as text and as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface RequestParts {
  readonly token?: string;
  /** Sent as JSON, or as it is where it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes one request of a server. Redirects are not followed. */
export type Request = (method: string, path: string, parts?: RequestParts) => Promise<Answer>;

export interface Registered {
  readonly id: string;
  readonly userSecret: string;
  readonly token: string;
}

/** Requests to the server at this address. */
export function requestsTo(serverUrl: string): Request {
  return (method, path, parts = {}) => send(serverUrl + path, method, parts);
}

let users = 0;

/** A new user with a token. Rejects where the server makes none. */
export async function registerUser(request: Request): Promise<Registered> {
  users += 1;
  const registered = await request('POST', '/v1/auth/register', { body: { username: `user-${users}` } });
  if (registered.status !== 201) throw new Error(`A registration was answered with ${registered.status}: ${registered.text}`);
  const { data } = registered.body;
  const userSecret = String(data['user_secret']);
  const answer = await request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });
  return { id: String(data['id']), userSecret, token: String(answer.body.data['access_token']) };
}

async function send(url: string, method: string, { token, body, headers = {} }: RequestParts): Promise<Answer> {
  const asIs = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: asIs ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): Body {
  return JSON.parse(text.startsWith('{') ? text : '{}');
}
