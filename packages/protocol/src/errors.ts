/**
 * Every fault that the real-time layer can name, in one table: refusals before the upgrade (`httpStatus`), closes after it
 * (`closeCode`), `error` frames (neither), and faults of a publisher (neither, thrown in the server's own process).
 */

interface ErrorEntry {
  /** What is wrong, for a person; call sites may say it more exactly. */
  readonly message: string;
  /** What the reader of the message can do about it. */
  readonly remedy: string;
  /** Status of the refusal before the upgrade; absent where the fault can only arise after it. */
  readonly httpStatus?: number;
  /** Close code after the upgrade; absent where the connection stays open. */
  readonly closeCode?: number;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
}

/** Codes, alphabetical within their group. A test compares this table with the documentation. */
export const PROTOCOL_ERRORS = {
  bad_handshake: {
    message: 'The upgrade request is not a valid WebSocket handshake.',
    remedy: 'Use a WebSocket library that keeps to RFC 6455; look for a proxy that drops the upgrade headers.',
    httpStatus: 400,
    retryable: false,
  },
  origin_not_allowed: {
    message: 'This origin may not connect.',
    remedy: 'Add the origin of the page to the allowed origins of the server.',
    httpStatus: 403,
    retryable: false,
  },
  token_in_url: {
    message: 'A token does not belong in a URL.',
    remedy:
      'Send the token in the first frame, the Authorization header or a subprotocol entry, and replace the one that leaked.',
    httpStatus: 400,
    retryable: false,
  },
  unsupported_protocol: {
    message: 'None of the offered subprotocols is spoken here.',
    remedy: 'Offer friday.v1, or no subprotocol.',
    httpStatus: 400,
    retryable: false,
  },
  upgrade_required: {
    message: 'This address speaks WebSocket: ask for an upgrade.',
    remedy: 'Nothing stands in the way: connect with a WebSocket client.',
    httpStatus: 426,
    retryable: false,
  },

  forbidden: {
    message: 'This connection belongs to another user.',
    remedy: 'Open a connection of its own for the other user.',
    httpStatus: 403,
    closeCode: 4003,
    retryable: false,
  },
  revoked: {
    message: 'This token has been revoked.',
    remedy: 'Sign in again for a new token.',
    httpStatus: 401,
    closeCode: 4003,
    retryable: false,
  },
  token_expired: {
    message: 'The token has expired.',
    remedy: 'Get a new token and connect again with the kept position.',
    httpStatus: 401,
    closeCode: 4001,
    retryable: false,
  },
  unauthenticated: {
    message: 'A valid token is needed.',
    remedy: 'Send a valid token; where it goes in the first frame, send that frame in time.',
    httpStatus: 401,
    closeCode: 4001,
    retryable: false,
  },

  over_capacity: {
    message: 'The server has no room for another connection.',
    remedy: 'Come back with backoff, not before Retry-After or after_ms.',
    httpStatus: 503,
    closeCode: 4100,
    retryable: true,
  },
  rate_limited: {
    message: 'Too many requests.',
    remedy: 'Come back with backoff, not before Retry-After or after_ms.',
    httpStatus: 429,
    closeCode: 4102,
    retryable: true,
  },
  server_draining: {
    message: 'The server is about to stop.',
    remedy: 'Connect again after after_ms: another server, or the next one, takes over.',
    httpStatus: 503,
    closeCode: 4200,
    retryable: true,
  },
  too_many_connections: {
    message: 'Too many connections.',
    remedy: 'Close connections that are no longer used; share one between the parts of an application.',
    httpStatus: 429,
    closeCode: 4101,
    retryable: true,
  },

  heartbeat_timeout: {
    message: 'The peer did not answer a ping.',
    remedy: 'Connect again with the kept position.',
    closeCode: 4202,
    retryable: true,
  },
  protocol_error: {
    message: 'The peer does not keep to the protocol.',
    remedy: 'Mend the client: send text frames that hold one valid JSON message each.',
    closeCode: 4000,
    retryable: false,
  },
  server_error: {
    message: 'The server failed.',
    remedy: 'Connect again with the kept position; when it goes on, the log of the server says why.',
    httpStatus: 503,
    closeCode: 4201,
    retryable: true,
  },
  too_slow: {
    message: 'The peer reads too slowly.',
    remedy: 'Read faster or do less for each message; connect again with the kept position.',
    closeCode: 4103,
    retryable: true,
  },

  invalid_message: {
    message: 'The frame is not a message of this protocol.',
    remedy: 'Mend the fields that details names; the connection stays open.',
    retryable: false,
  },

  message_invalid: {
    message: 'The notification is not valid.',
    remedy: 'Thrown at the service that announces, before its commit: mend the field that is named.',
    retryable: false,
  },
  message_too_large: {
    message: 'The notification is too large.',
    remedy: 'Thrown at the service that announces, before its commit: announce what changed, not the content.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;

/** A code of {@link PROTOCOL_ERRORS}. */
export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/** All codes, in the order of the table. */
export const PROTOCOL_ERROR_CODES: readonly ProtocolErrorCode[] = Object.keys(PROTOCOL_ERRORS).filter(isProtocolErrorCode);

/** Whether the text is a code of the table. */
export function isProtocolErrorCode(code: string): code is ProtocolErrorCode {
  return Object.hasOwn(PROTOCOL_ERRORS, code);
}

/** The entry of one code, with the optional fields visible. */
export function protocolError(code: ProtocolErrorCode): ErrorEntry {
  return PROTOCOL_ERRORS[code];
}

/** The body of an HTTP error answer. `detail` may be richer than text where REST has older clients. */
export interface ErrorBody {
  readonly detail: unknown;
  readonly data: null;
  readonly message: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Builds the one body that every HTTP fault answers with; `detail` defaults to the message. */
export function errorBody(code: string, message: string, detail: unknown = message): ErrorBody {
  return { detail, data: null, message, error: { code, message } };
}
