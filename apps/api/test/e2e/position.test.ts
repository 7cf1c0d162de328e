/** What REST says of positions: a read and the connection that follows it leave no gap between them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credential, openLive } from '../support/live-socket.ts';
import { announcedNotes, listedNotes, writeNotes } from '../support/notes.ts';
import { type Request, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

const host = new ServerHost();
let server: Server;

beforeAll(async () => {
  server = await host.start();
});
afterAll(() => host.end());

test('[P11] whoever reads a list and connects from its position misses nothing, while others write', async () => {
  const { token } = await registerUser(server.request);
  const readers: Promise<Reader>[] = [];
  const onAcknowledged = (total: number) => {
    if (total % 9 === 0) readers.push(readThenConnect(server, token));
  };
  const written = await writeNotes(server.request, { token, count: 99, atOnce: 6, onAcknowledged });
  const last = written.toSorted((a, b) => a - b).at(-1);
  expect(readers).toHaveLength(11);
  for (const { listed, socket } of await Promise.all(readers)) {
    const known = () => new Set([...listed, ...announcedNotes(socket.notifications)]);
    await socket.until('the last note', () => last !== undefined && known().has(last));
    expect([...known()].toSorted((a, b) => a - b)).toEqual(await listedNotes(server.request, token));
    await socket.close();
  }
});

test('[P11] so does one who reads a single note', async () => {
  const { token } = await registerUser(server.request);
  const [id] = await writeNotes(server.request, { token, count: 1 });
  const read = await server.request('GET', `/v1/notes/${id}`, { token });
  const cursor = read.headers.get('friday-cursor') ?? '';
  const [next] = await writeNotes(server.request, { token, count: 1 });
  const socket = await openLive(server.url, { token, cursor });
  expect(socket.connected).toMatchObject({ resumed: true, cursor });
  expect(announcedNotes(socket.notifications)).toEqual([next]);
  await socket.close();
});

test.each<Credential>(['header', 'subprotocol', 'frame'])(
  '[P7] a position is taken from where the client may put it: %s',
  async (by) => {
    const { token } = await registerUser(server.request);
    const cursor = await positionOf(server.request, token);
    const written = await writeNotes(server.request, { token, count: 3 });
    const socket = await openLive(server.url, { token, by, cursor });
    expect(socket.connected).toMatchObject({ resumed: true, cursor });
    expect(announcedNotes(socket.notifications)).toEqual(written);
    expect(socket.frames.map(({ type }) => type)).toEqual(['connected', ...written.map(() => 'note.created'), 'live']);
    await socket.close();
  },
);

test('[P8] a position of another user is unknown history, and what follows comes from the head', async () => {
  const ann = await registerUser(server.request);
  const bob = await registerUser(server.request);
  await writeNotes(server.request, { token: ann.token, count: 3 });
  await writeNotes(server.request, { token: bob.token, count: 3 });
  const cursor = await positionOf(server.request, ann.token);
  const socket = await openLive(server.url, { token: bob.token, cursor });
  expect(socket.connected).toMatchObject({ resumed: false, reason: 'unknown_history' });
  expect(socket.notifications).toEqual([]);
  const [id] = await writeNotes(server.request, { token: bob.token, count: 1 });
  expect(announcedNotes(await socket.first(1))).toEqual([id]);
  await socket.close();
});

interface Reader {
  readonly listed: readonly number[];
  readonly socket: Awaited<ReturnType<typeof openLive>>;
}

/** Reads the newest page, which is all that there is here, and connects from where it was read. */
async function readThenConnect({ url, request }: Server, token: string): Promise<Reader> {
  const { headers, body } = await request('GET', '/v1/notes?size=100', { token });
  const listed = (body.data['items'] as { id: number }[]).map(({ id }) => id);
  const socket = await openLive(url, { token, cursor: headers.get('friday-cursor') ?? '' });
  expect(socket.connected.resumed).toBe(true);
  return { listed, socket };
}

async function positionOf(request: Request, token: string): Promise<string> {
  return (await request('GET', '/v1/notes', { token })).headers.get('friday-cursor') ?? '';
}
