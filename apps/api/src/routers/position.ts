import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from './authentication.ts';

/** The newest position in these channels, as text. */
export type TakePosition = (channels: readonly string[]) => Promise<string>;

/** Puts `Friday-Cursor` into the answer (P11). To be awaited before the data is read, so that nothing falls between. */
export async function setCursor(request: FastifyRequest, reply: FastifyReply, take: TakePosition): Promise<void> {
  reply.header('friday-cursor', await take(principalOf(request).channels));
}
