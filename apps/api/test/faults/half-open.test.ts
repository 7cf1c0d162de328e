/**
 * TCP connections whose network is gone without a word: no FIN, no RST, packets just do not arrive. The cable is a real one as far as the
 * kernel knows, and is really cut.
 */
import { describe, type onTestFinished, test } from 'vitest';
import { ClientProcess } from '../support/client-process.ts';
import { eventually } from '../support/eventually.ts';
import { LiveSocket, openLive } from '../support/live-socket.ts';
import { writeNotes } from '../support/notes.ts';
import { registerUser } from '../support/rest.ts';
import { type Server, ServerHost, type Settings } from '../support/server-host.ts';
import { CUTS, NetworkLink } from './support/network-link.ts';

interface Scene {
  readonly link: NetworkLink;
  readonly server: Server;
  readonly client: ClientProcess;
  readonly token: string;
}

const WITHIN = { timeout: 60_000 };
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A server on this side of a link, and on the far side a live client that has been told of five notes. */
async function begin(settings: Settings, finished: typeof onTestFinished): Promise<Scene> {
  const link = new NetworkLink();
  const host = new ServerHost('none');
  const running: ClientProcess[] = [];
  finished(async () => {
    await Promise.all(running.map((client) => client.end()));
    await host.end();
    link.remove();
  });
  const server = await host.start({ FRIDAY_HOST: link.here, FRIDAY_HEARTBEAT_SECONDS: '1', ...settings });
  const { token } = await registerUser(server.request);
  const client = new ClientProcess(server.ownUrl, token, link.onFarSide);
  running.push(client);
  await client.wrote('live');
  await writeNotes(server.request, { token, count: 5 });
  await client.wrote('note 5');
  return { link, server, client, token };
}

/** Why connections were closed so far. */
function reasons({ log }: Server): unknown[] {
  return log.filter(({ msg }) => msg === 'connection closed').map(({ reason }) => reason);
}

const closedFor = (server: Server, reason: string) => eventually(`close for ${reason}`, () => reasons(server).includes(reason));

// Most of the time is waiting, so they wait side by side.
describe('a link that is really cut', { concurrent: true, skip: !NetworkLink.possible() }, () => {
  test.for(CUTS)(
    '[P16] cut %s: the server lets go after two heartbeats, and the place is free',
    WITHIN,
    async (how, { expect, onTestFinished }) => {
      const { link, server, client, token } = await begin({ FRIDAY_MAX_CONNECTIONS_PER_USER: '1' }, onTestFinished);
      // By the second one the pong to the first has come: the notes count as read.
      await client.wrote('heartbeat', 2);
      link.cut(how);
      const tooMany = new LiveSocket(server.ownUrl, { token });
      expect((await tooMany.closed).code).toBe(4101);

      await closedFor(server, 'heartbeat_timeout');
      const inItsPlace = await openLive(server.ownUrl, { token });
      await writeNotes(server.request, { token, count: 20 });
      await inItsPlace.first(20);
      await inItsPlace.close();

      link.mend(how);
      client.reconnect();
      await client.wrote('live', 2);
      expect(client.numbers).toEqual(upTo(25));
    },
  );

  test.for(CUTS)(
    '[P22] cut %s while there is something to say: let go as too slow, nothing is lost',
    WITHIN,
    async (how, { expect, onTestFinished }) => {
      const { link, server, client, token } = await begin({ FRIDAY_SLOW_READER_SECONDS: '2' }, onTestFinished);
      link.cut(how);
      await writeNotes(server.request, { token, count: 20 });
      await closedFor(server, 'too_slow');
      link.mend(how);
      client.reconnect();
      await client.wrote('live', 2);
      expect(client.numbers).toEqual(upTo(25));
    },
  );

  test(
    '[P16] a client can tell that the server is out of reach, and its next connection replaces the one that hangs',
    WITHIN,
    async ({ expect, onTestFinished }) => {
      const { link, server, client, token } = await begin({}, onTestFinished);
      link.cut('at the server');
      await writeNotes(server.request, { token, count: 20 });
      await client.wrote('silent');
      expect(reasons(server)).toEqual([]);
      link.mend('at the server');
      client.reconnect();
      await client.wrote('live', 2);
      await eventually('end of the old connection', () => reasons(server).length === 1);
      expect(client.numbers).toEqual(upTo(25));
    },
  );

  test('a cut that is shorter than any limit goes unnoticed', WITHIN, async ({ expect, onTestFinished }) => {
    const { link, server, client, token } = await begin({ FRIDAY_HEARTBEAT_SECONDS: '25' }, onTestFinished);
    link.cut('at the client');
    await writeNotes(server.request, { token, count: 20 });
    link.mend('at the client');
    await client.wrote('note 25');
    expect(client.numbers).toEqual(upTo(25));
    expect(reasons(server)).toEqual([]);
    expect(client.lines.filter((line) => line === 'live')).toHaveLength(1);
  });
});
