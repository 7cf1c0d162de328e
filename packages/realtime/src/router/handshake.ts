/** What an upgrade request says, rules P1 to P3: looked at before anything is looked up. */
import type { IncomingMessage } from 'node:http';
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '@friday/protocol';
import { RealtimeError } from '../domain/errors.ts';
import type { OriginPolicy } from './origin.ts';

/** What the client brought. */
export interface Handshake {
  /** From the header or the subprotocols; undefined when the first frame will bring it. */
  readonly token: string | undefined;
  /** The position to resume from. */
  readonly position: string | undefined;
}

const TOKEN_PARAMETERS = new Set(['token', 'access_token', 'id_token', 'jwt', 'bearer', 'auth', 'authorization', 'user_secret']);
const JWT = /^(?:bearer[ .])?eyJ[\w-]*\.[\w-]+\.[\w-]*$/i;
const BEARER = /^bearer +(\S+) *$/i;

/**
 * Reads an upgrade request.
 * @throws RealtimeError `token_in_url`, `origin_not_allowed`, `unsupported_protocol`.
 */
export function readHandshake(request: IncomingMessage, origins: OriginPolicy): Handshake {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  for (const [name, value] of query) {
    if (TOKEN_PARAMETERS.has(name.toLowerCase()) || JWT.test(value)) throw new RealtimeError('token_in_url');
  }
  const { origin, host, authorization } = request.headers;
  if (origin !== undefined && !origins(origin, host)) {
    throw new RealtimeError(
      'origin_not_allowed',
      'Pages of this origin may not connect: the list of allowed origins does not name it.',
    );
  }
  const offered = offeredProtocols(request);
  if (offered.length > 0 && !offered.includes(SUBPROTOCOL)) {
    throw new RealtimeError('unsupported_protocol', `Of the subprotocols, only ${SUBPROTOCOL} is spoken here.`);
  }
  const entry = offered.find((protocol) => protocol.startsWith(BEARER_SUBPROTOCOL_PREFIX));
  const token = BEARER.exec(authorization ?? '')?.[1] ?? entry?.slice(BEARER_SUBPROTOCOL_PREFIX.length);
  return { token, position: query.get('cursor') ?? undefined };
}

function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'];
  return header === undefined ? [] : header.split(',').map((protocol) => protocol.trim());
}
