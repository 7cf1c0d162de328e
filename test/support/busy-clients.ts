/** Clients that do all that shows in the figures: they write, read, listen, stop reading, come back, and make mistakes. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Notes that are written while one client does not read: more than a window of 64 KiB holds. */
const NOTES_FOR_SLEEPER = 300;
const NOTES_MISSED = 40;
const LISTENERS = 20;
const AT_ONCE = 25;

interface Listener {
  readonly socket: WebSocket;
  /** The newest position that it was told. */
  position(): string;
}

/** One user's clients. */
class BusyUser {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async write(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE) {
      const batch = Array.from({ length: Math.min(left, AT_ONCE) }, () => this.request('POST', '/v1/notes', { content: 'Busy' }));
      await Promise.all(batch);
    }
  }

  async request(method: string, path: string, body?: object): Promise<number> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const answer = await fetch(this.#url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    await answer.arrayBuffer();
    return answer.status;
  }

  /** Connects. @returns once it is live. */
  async listen(cursor = ''): Promise<Listener> {
    const url = `${this.#url.replace('http', 'ws')}/v1/ws?cursor=${encodeURIComponent(cursor)}`;
    const socket = new WebSocket(cursor === '' ? (url.split('?')[0] ?? url) : url, ['friday.v1', `bearer.${this.#token}`]);
    let position = cursor;
    await new Promise<void>((live, refused) => {
      socket.on('error', refused);
      socket.on('message', (data) => {
        const frame: { type: string; cursor?: string } = JSON.parse(String(data));
        if (frame.type === 'live' || frame.type === 'heartbeat') position = frame.cursor ?? position;
        if (frame.type === 'live') live();
      });
    });
    return { socket, position: () => position };
  }
}

/** Keeps a server busy until the signal comes. Rejects when a client does not get what it must. */
export async function keepBusy(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await playRound(url);
}

async function playRound(url: string): Promise<void> {
  const user = await register(url);
  const [sleeper, ...listeners] = await Promise.all(Array.from({ length: LISTENERS }, () => user.listen()));
  if (!sleeper) throw new Error('Nobody listens.');
  sleeper.socket.pause();
  await user.write(NOTES_FOR_SLEEPER);
  await Promise.all([user.request('GET', '/v1/notes'), user.request('GET', '/v1/notes/none'), user.request('GET', '/none')]);
  await makeMistakes(url, listeners[0]);
  const position = sleeper.position();
  sleeper.socket.terminate();
  for (const { socket } of listeners) socket.close(1000);
  await user.write(NOTES_MISSED);
  const back = await user.listen(position);
  back.socket.close(1000);
  await once(back.socket, 'close');
}

/** A token that is none, a frame that is none, and a message that nobody knows. */
async function makeMistakes(url: string, listener: Listener | undefined): Promise<void> {
  const stranger = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, ['friday.v1', 'bearer.nobody']);
  await new Promise((refused) => stranger.once('error', refused));
  listener?.socket.send('{"type":"nonsense"}');
  const rude = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`);
  await once(rude, 'open');
  rude.send('no JSON');
  await once(rude, 'close');
}

async function register(url: string): Promise<BusyUser> {
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const { data } = (await answer.json()) as { data: Record<string, string> | null };
    if (!data) throw new Error(`${path} was answered with ${answer.status}.`);
    return data;
  };
  const { user_secret } = await post('/v1/auth/register', { username: `busy-${letters(12)}` });
  const { access_token = '' } = await post('/v1/auth/token', { user_secret });
  return new BusyUser(url, access_token);
}

/** Usernames may not have many digits in a row. */
function letters(count: number): string {
  return Array.from(randomBytes(count), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
}
