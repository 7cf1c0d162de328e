/**
 * Every fault that the real-time layer can name, in one table: refusals before the upgrade (`httpStatus`), closes after it
 * (`closeCode`), `error` frames (neither), and faults of a publisher (`thrown`).
 */

interface ErrorEntry {
  /** What is wrong, for a person; call sites may say it more exactly. */
  readonly message: string;
  /** Status of the refusal before the upgrade; absent where the fault can only arise after it. */
  readonly httpStatus?: number;
  /** Close code after the upgrade; absent where the connection stays open. */
  readonly closeCode?: number;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
}

/** Codes, alphabetical within their group. A test compares this table with the documentation. */
export const PROTOCOL_ERRORS = {
  bad_handshake: { message: 'The upgrade request is not a valid WebSocket handshake.', httpStatus: 400, retryable: false },
  origin_not_allowed: { message: 'This origin may not connect.', httpStatus: 403, retryable: false },
  token_in_url: { message: 'A token does not belong in a URL.', httpStatus: 400, retryable: false },
  unsupported_protocol: { message: 'None of the offered subprotocols is spoken here.', httpStatus: 400, retryable: false },
  upgrade_required: { message: 'This address speaks WebSocket: ask for an upgrade.', httpStatus: 426, retryable: false },

  forbidden: { message: 'This connection belongs to another user.', httpStatus: 403, closeCode: 4003, retryable: false },
  revoked: { message: 'This token has been revoked.', httpStatus: 401, closeCode: 4003, retryable: false },
  token_expired: { message: 'The token has expired.', httpStatus: 401, closeCode: 4001, retryable: false },
  unauthenticated: { message: 'A valid token is needed.', httpStatus: 401, closeCode: 4001, retryable: false },

  over_capacity: { message: 'The server has no room for another connection.', httpStatus: 503, closeCode: 4100, retryable: true },
  rate_limited: { message: 'Too many requests.', httpStatus: 429, closeCode: 4102, retryable: true },
  server_draining: { message: 'The server is about to stop.', httpStatus: 503, closeCode: 4200, retryable: true },
  too_many_connections: { message: 'Too many connections.', httpStatus: 429, closeCode: 4101, retryable: true },

  heartbeat_timeout: { message: 'The peer did not answer a ping.', closeCode: 4202, retryable: true },
  protocol_error: { message: 'The peer does not keep to the protocol.', closeCode: 4000, retryable: false },
  server_error: { message: 'The server failed.', httpStatus: 500, closeCode: 4201, retryable: true },
  too_slow: { message: 'The peer reads too slowly.', closeCode: 4103, retryable: true },

  invalid_message: { message: 'The frame is not a message of this protocol.', retryable: false },

  message_invalid: { message: 'The notification is not valid.', retryable: false },
  message_too_large: { message: 'The notification is too large.', retryable: false },
} as const satisfies Record<string, ErrorEntry>;

/** A code of {@link PROTOCOL_ERRORS}. */
export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

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
