/** The few REST calls that measurements make, over kept-alive connections. */
import { Agent, request } from 'node:http';

/** A client of one server. */
export class Rest {
  readonly #port: number;
  readonly #agent: Agent;

  /** @param sockets connections at most. */
  constructor(port: number, sockets: number) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  /** A new user's access token. */
  async newUser(username: string): Promise<string> {
    const { user_secret } = await this.post('/v1/auth/register', { username });
    const { access_token } = await this.post('/v1/auth/token', { user_secret });
    return String(access_token);
  }

  /** @returns `data` of the answer. Rejects on a status of 300 or more. */
  post(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
    const text = JSON.stringify(body);
    const options = {
      port: this.#port,
      host: '127.0.0.1',
      path,
      method: 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
    };
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          answer += part;
        });
        response.on('end', () => {
          if ((response.statusCode ?? 500) >= 300) reject(new Error(`${path} answered ${response.statusCode}: ${answer}`));
          else resolve(JSON.parse(answer).data);
        });
      });
      call.on('error', reject).end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The header that proves who calls. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
