/** The protocol's fixed limits: both ends rely on them, so no setting changes them. Times that may differ are settings. */
export const LIMITS = {
  /** Bytes of one client frame's payload. Rule P13. */
  clientFrameBytes: 16 * 1024,
  /** Bytes of a notification's `data`, as JSON in UTF-8. Rule P17. */
  dataBytes: 16 * 1024,
  /** Bytes of a whole notification as it is stored, as JSON in UTF-8. */
  notificationBytes: 32 * 1024,
  /** Characters of `ref`. Rule P13. */
  refCharacters: 64,
  /** Characters of `origin`, the `Friday-Client-Id` header. Rule P18. */
  originCharacters: 64,
  /** Channels of one principal. */
  channels: 8,
  /** Characters of a position: eight cursors and the dots between. */
  positionCharacters: 1024,
  /** Changes of one kind in one transaction that are announced one by one. Rule P15b. */
  changesOfOneKind: 1000,
  /** Invalid frames within a minute that close a connection. Rule P13. */
  invalidFramesPerMinute: 10,
} as const;

/** The subprotocol of version 1. Rule P1. */
export const SUBPROTOCOL = 'friday.v1';

/** What stands before a token that travels as a subprotocol entry. Rule P2. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';

/** The path of the upgrade. Rule P1. */
export const WEBSOCKET_PATH = '/v1/ws';
