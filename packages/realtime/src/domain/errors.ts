import { type ProtocolErrorCode, protocolError } from '@friday/protocol';

/** A fault of the real-time layer, by its code in the protocol's table. Knows no HTTP and no socket. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError';
  readonly code: ProtocolErrorCode;
  /** Seconds or milliseconds that the peer should wait, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ProtocolErrorCode, message: string = protocolError(code).message, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
