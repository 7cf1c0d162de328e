/** From a note posted over REST to the sockets of its user, and to nobody else's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credential, LiveSocket, openLive } from '../support/live-socket.ts';
import { type Registered, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

const host = new ServerHost();
let server: Server;
let ann: Registered;
let bob: Registered;

beforeAll(async () => {
  server = await host.start();
  ann = await registerUser(server.request);
  bob = await registerUser(server.request);
});
afterAll(() => host.end());

async function post(by: Registered, content: string): Promise<number> {
  const answer = await server.request('POST', '/v1/notes', { token: by.token, body: { content } });
  expect(answer.status).toBe(201);
  return Number(answer.body.data['id']);
}

test.each<Credential>(['header', 'subprotocol', 'frame'])(
  '[P2] [P10] a note is announced at every socket of its user and at no other: %s',
  async (by) => {
    const open = (user: Registered) => openLive(server.url, { token: user.token, by });
    const [first, second, other] = await Promise.all([open(ann), open(ann), open(bob)]);
    expect(first.connected).toMatchObject({ user_id: ann.id, resumed: false });
    expect(second.connected.connection_id).not.toBe(first.connected.connection_id);
    const announcedId = await post(ann, 'Seen by Ann');
    const foreignId = await post(bob, 'Seen by Bob');

    const href = `/v1/notes/${announcedId}`;
    const expected = { type: 'note.created', channel: 'user', resource: { kind: 'note', id: announcedId, version: 1, href } };
    expect(await first.first(1)).toMatchObject([expected]);
    expect(await second.first(1)).toEqual(first.notifications);
    expect(await other.first(1)).toMatchObject([{ type: 'note.created', resource: { id: foreignId } }]);
    await Promise.all([first, second, other].map((socket) => socket.close()));
    for (const socket of [first, second, other]) expect(socket.notifications).toHaveLength(1);
  },
);

test.each<Credential>(['header', 'subprotocol'])('[P2] [P4] a forged token is refused before the upgrade: %s', async (by) => {
  const socket = new LiveSocket(server.url, { token: `${ann.token.slice(0, -4)}AAAA`, by });
  await expect(socket.live()).rejects.toThrow('401');
  expect(await socket.closed).toMatchObject({ code: 1006 });
});

test('[P2] a forged token in the first frame is answered by an error and 4001', async () => {
  const socket = new LiveSocket(server.url, { token: `${ann.token.slice(0, -4)}AAAA` });
  expect(await socket.closed).toMatchObject({ code: 4001 });
  expect(socket.frames).toMatchObject([{ type: 'error', code: 'unauthenticated' }]);
});

test('[P2] the server names its subprotocol and never the one that holds the token', async () => {
  const socket = await openLive(server.url, { token: ann.token, by: 'subprotocol' });
  expect(socket.protocol).toBe('friday.v1');
  await socket.close();
});

test('[P18] a change names the client that asked for it', async () => {
  const socket = await openLive(server.url, { token: ann.token });
  const headers = { 'friday-client-id': 'kitchen-tablet' };
  await server.request('POST', '/v1/notes', { token: ann.token, body: { content: 'Milk' }, headers });
  await server.request('POST', '/v1/notes', { token: ann.token, body: { content: 'Bread' } });
  const [own, other] = await socket.first(2);
  expect(own?.origin).toBe('kitchen-tablet');
  expect(other).not.toHaveProperty('origin');
  await socket.close();
});
