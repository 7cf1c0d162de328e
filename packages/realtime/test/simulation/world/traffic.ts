/** What happens on a link: buffers drain, and the peer reads and answers. */
import type { WebSocketService } from '../../../src/service/websocket-service.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Link, Peer } from './peer.ts';

/** The world, as far as links need it. */
interface World {
  readonly node: { readonly service: WebSocketService };
  readonly verdict: Verdict;
  /** Something reaches the process in its next turn. */
  arrives(event: () => void): void;
  /** The socket is gone. */
  ends(link: Link, code: number): void;
}

/** One turn of a link. @returns whether anything happened. */
export function moveOn(world: World, link: Link): boolean {
  const { socket, witness, connection, peer } = link;
  const drained = socket.takeDrain();
  if (drained) witness.blockedSince = undefined;
  if (drained && connection) world.node.service.onDrain(connection);
  const reads = peer !== undefined && peer.allowance > 0 && read(world, link, peer, peer.allowance);
  return drained || reads;
}

/** The peer reads some bytes, and answers what asks for an answer. @returns whether there was anything to read. */
export function read(world: World, link: Link, peer: Peer, bytes: number): boolean {
  const { socket, witness, connection } = link;
  const frames = socket.read(bytes);
  peer.allowance -= frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  for (const frame of frames) {
    const payload = peer.receive(frame, world.verdict);
    if (!payload || !connection) continue;
    const pong = Buffer.from(payload);
    world.arrives(() => {
      if (link.gone) return;
      witness.flow.confirmed(pong.toString());
      world.node.service.onPong(connection, pong);
    });
  }
  const { closed } = witness;
  if (closed && socket.unread === 0) world.ends(link, closed.code);
  return frames.length > 0 || closed !== undefined;
}
